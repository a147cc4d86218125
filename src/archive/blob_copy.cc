#include "archive/blob_copy.h"

#include <memory>
#include <utility>

namespace pacs::archive {
namespace {

constexpr size_t kBufferBytes = 256 * 1024;     // few calls for large files, little memory a thread
constexpr std::string_view kSha256 = "sha256";  // as blob_attributes.h writes it

BlobCopyOutcome faulty(BlobFault fault) {
  return {.copied = BlobCopied::unchanged, .is_faulty = true, .fault = std::move(fault)};
}

BlobCopyOutcome faulty(std::string reason, std::string detail) {
  return faulty(BlobFault{std::move(reason), std::move(detail)});
}

BlobCopyOutcome faulty(const Error& error) {
  if (error.code == ErrorCode::not_found) {
    return faulty("missing_blob", "no file lies under the key");
  }
  if (error.code == ErrorCode::corrupt) return faulty(error.reason, error.detail);
  return faulty("unreadable", error.detail);
}

BlobFault size_mismatch(const index::StoredImage& image, uint64_t size_bytes) {
  return {"size_mismatch", "the file has " + std::to_string(size_bytes) + " bytes, and " +
                               std::to_string(image.size_bytes) + " were stored"};
}

BlobFault checksum_mismatch() {
  return {"checksum_mismatch", "the SHA-256 of the bytes is not that of the row"};
}

bool tells_sha256(const storage::BlobAttributes& attributes, const Sha256Digest& sha256) {
  const std::string* text = attributes.find(kSha256);
  return text != nullptr && *text == sha256.hex();
}

// Whether the bytes of the copy are those of the row.
Result<bool> is_right(const index::StoredImage& image, const storage::BlobInfo& copy,
                      storage::BlobStore& to, PresentCopy present, Pace& pace) {
  if (copy.size_bytes != image.size_bytes) return false;
  if (present == PresentCopy::by_attributes && tells_sha256(copy.attributes, image.sha256)) {
    return true;
  }
  const auto blob = PACS_TRY(to.get(image.key));
  const auto hashed = pace.hash_of(*blob);
  if (!hashed && is_stop(hashed.error())) return hashed.error();
  return hashed && *hashed == image.sha256;
}

struct Fetched {
  std::unique_ptr<storage::StagedBlob> staged;  // nullptr: the blob is faulty
  BlobFault fault;
};

// Errors are those of `to` and of the pace; those of the blob are its faults.
Result<Fetched> fetch(const index::StoredImage& image, storage::BlobReader& blob,
                      storage::BlobStore& to, Pace& pace) {
  if (blob.size_bytes() != image.size_bytes) {
    return Fetched{nullptr, size_mismatch(image, blob.size_bytes())};
  }
  Fetched fetched;
  fetched.staged = PACS_TRY(to.stage());
  Sha256 hash;
  ByteVector buffer(kBufferBytes);
  for (uint64_t offset = 0;;) {
    const auto count = blob.read_at(offset, buffer);
    if (!count) return Fetched{nullptr, {"unreadable", count.error().detail}};
    if (*count == 0) break;
    hash.update(Bytes(buffer).first(*count));
    PACS_TRY(fetched.staged->append(Bytes(buffer).first(*count)));
    offset += *count;
    PACS_TRY(pace.spend(*count));
  }
  if (hash.finish() != image.sha256) {
    return Fetched{nullptr, checksum_mismatch()};
  }
  return fetched;
}

}  // namespace

Result<BlobCopyOutcome> compare_blob(const index::StoredImage& image, storage::BlobStore& store,
                                     Pace& pace) {
  PACS_TRY(pace.spend(Pace::kFileCostBytes));
  const auto blob = store.get(image.key);
  if (!blob) return faulty(blob.error());
  if ((*blob)->size_bytes() != image.size_bytes) {
    return faulty(size_mismatch(image, (*blob)->size_bytes()));
  }
  const auto hashed = pace.hash_of(**blob);
  if (!hashed && is_stop(hashed.error())) return hashed.error();
  if (!hashed) return faulty("unreadable", hashed.error().detail);
  if (*hashed != image.sha256) return faulty(checksum_mismatch());
  return BlobCopyOutcome{};
}

Result<BlobCopyOutcome> copy_blob(const index::StoredImage& image, storage::BlobStore& from,
                                  storage::BlobStore& to, PresentCopy present, Pace& pace) {
  PACS_TRY(pace.spend(Pace::kFileCostBytes));
  const auto blob = from.get(image.key);
  if (!blob) return faulty(blob.error());
  const auto info = (*blob)->info();
  if (!info) return faulty(info.error());

  const auto copy = to.stat(image.key);
  if (!copy && copy.error().code != ErrorCode::not_found &&
      copy.error().code != ErrorCode::corrupt) {
    return copy.error();
  }
  // What stands with the bytes is lost: the bytes are backed up all the same, and attributes that
  // an earlier copy still has are not replaced by none.
  BlobCopyOutcome outcome;
  if (!tells_sha256(info->attributes, image.sha256)) {
    outcome = faulty("bad_attributes", "what stands with the file does not name its SHA-256");
  }
  if (copy && PACS_TRY(is_right(image, *copy, to, present, pace))) {
    if (outcome.is_faulty || copy->attributes == info->attributes) return outcome;
    PACS_TRY(to.adopt(image.key, info->attributes));
    outcome.copied = BlobCopied::described;
    return outcome;
  }
  Fetched fetched = PACS_TRY(fetch(image, **blob, to, pace));
  if (fetched.staged == nullptr) {
    return faulty(std::move(fetched.fault));
  }
  // Only now that there is something better.
  const bool is_in_the_way = copy || copy.error().code == ErrorCode::corrupt;
  if (is_in_the_way) PACS_TRY(to.quarantine_published(image.key));
  PACS_TRY(to.publish(std::move(fetched.staged), image.key, info->attributes));
  outcome.copied = BlobCopied::copied;
  return outcome;
}

}  // namespace pacs::archive
