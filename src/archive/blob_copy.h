// One stored image from one blob store to another, its bytes held against its row on the way.
#pragma once

#include <cstdint>
#include <string>

#include "archive/pace.h"
#include "core/result.h"
#include "index/stored_images.h"
#include "storage/blob_store.h"

namespace pacs::archive {

// How much is believed of a copy that is there already.
enum class PresentCopy {
  by_attributes,  // its size, and the SHA-256 that its attributes tell
  by_bytes,       // its bytes, read and hashed
};

enum class BlobCopied {
  copied,
  described,  // the bytes were there: only the attributes were new
  unchanged,
};

// What is wrong with the blob that was to be copied; nothing is wrong with the stores.
struct BlobFault {
  std::string reason;  // missing_blob, size_mismatch, checksum_mismatch, unreadable, bad_attributes
  std::string detail;
};

struct BlobCopyOutcome {
  BlobCopied copied = BlobCopied::unchanged;
  bool is_faulty = false;
  BlobFault fault;  // when it is
};

// Reads and hashes what lies in `store` under the key of the row. Success: it is right
// (`unchanged`), or what is wrong with it. Failure: `pace` says stop.
[[nodiscard]] Result<BlobCopyOutcome> compare_blob(const index::StoredImage& image,
                                                   storage::BlobStore& store, Pace& pace);

// Success: `to` has the bytes that the row names under its key, with the attributes of `from`,
// durably; what lay there and was something else is in the quarantine of `to`. Or the blob is
// faulty, and `to` is as it was; for bad_attributes alone it has the bytes as well. Failure: `to`
// cannot be written, or `pace` says stop. Two threads must not copy one key at once.
[[nodiscard]] Result<BlobCopyOutcome> copy_blob(const index::StoredImage& image,
                                                storage::BlobStore& from, storage::BlobStore& to,
                                                PresentCopy present, Pace& pace);

}  // namespace pacs::archive
