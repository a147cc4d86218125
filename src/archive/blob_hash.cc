#include "archive/blob_hash.h"

namespace pacs::archive {
namespace {
constexpr size_t kBufferBytes = 64 * 1024;  // stays in the processor's cache while it is hashed

template <typename Readable>
Result<Sha256Digest> hash_all(const Readable& blob) {
  Sha256 hash;
  ByteVector buffer(kBufferBytes);
  for (uint64_t offset = 0;;) {
    const size_t count = PACS_TRY(blob.read_at(offset, buffer));
    if (count == 0) return hash.finish();
    hash.update(Bytes(buffer).first(count));
    offset += count;
  }
}

}  // namespace

Result<Sha256Digest> hash_of(storage::BlobReader& blob) { return hash_all(blob); }

Result<Sha256Digest> hash_of(const storage::StagedBlob& staged) { return hash_all(staged); }

}  // namespace pacs::archive
