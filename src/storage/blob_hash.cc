#include "storage/blob_hash.h"

#include "core/file.h"

namespace pacs::storage {
namespace {
constexpr size_t kBufferBytes = 64 * 1024;  // stays in the processor's cache while it is hashed

// `read_at(offset, buffer)` tells how many bytes it has read.
template <typename ReadAt>
Result<Sha256Digest> hash_all(const ReadAt& read_at) {
  Sha256 hash;
  ByteVector buffer(kBufferBytes);
  for (uint64_t offset = 0;;) {
    const size_t count = PACS_TRY(read_at(offset, MutableBytes(buffer)));
    if (count == 0) return hash.finish();
    hash.update(Bytes(buffer).first(count));
    offset += count;
  }
}

}  // namespace

Result<Sha256Digest> hash_of(const BlobReader& blob) {
  return hash_all(
      [&](uint64_t offset, MutableBytes buffer) { return blob.read_at(offset, buffer); });
}

Result<Sha256Digest> hash_of(const StagedBlob& staged) {
  return hash_all(
      [&](uint64_t offset, MutableBytes buffer) { return staged.read_at(offset, buffer); });
}

Result<Sha256Digest> hash_of_file(int file) {
  return hash_all(
      [&](uint64_t offset, MutableBytes buffer) { return pacs::read_at(file, offset, buffer); });
}

}  // namespace pacs::storage
