// All images that an index names, from one blob store to another: what a backup and its way back
// have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "archive/blob_copy.h"
#include "core/clock.h"
#include "core/result.h"
#include "index/stored_images.h"
#include "storage/blob_store.h"

namespace pacs::archive {

struct ImageCopyFinding {
  std::string key;
  std::string reason;  // of BlobFault, and those of SourceOfImage
  std::string detail;
};

struct ImageCopyCounts {
  uint64_t images = 0;  // looked at
  uint64_t copied = 0;
  uint64_t copied_bytes = 0;
  uint64_t unchanged = 0;  // or with new attributes alone
  uint64_t removed = 0;    // gone for good since the index was copied
  uint64_t findings = 0;
};

struct ImageCopyOptions {
  // A publish waits for the disk most of the time; more than its queue is deep gain nothing.
  size_t threads = 8;
  uint64_t bytes_per_second_max = Pace::kNoLimit;
  PresentCopy present = PresentCopy::by_attributes;
  // Of a faulty blob: is it still wanted? Any thread, one call at a time.
  std::function<Result<bool>(const index::StoredImage&)> is_wanted =
      [](const index::StoredImage&) -> Result<bool> { return true; };
  // Any thread, one call at a time.
  std::function<void(const ImageCopyFinding&)> on_finding = [](const ImageCopyFinding&) {};
  std::function<void(const ImageCopyCounts&)> on_progress = [](const ImageCopyCounts&) {};
};

// The store to read an image from; an error is what is wrong with this image. Any thread.
using SourceOfImage = std::function<Result<storage::BlobStore*>(const index::StoredImage&)>;

// Success: each image that `images` names is in `to` (blob_copy.h), or is a finding, or is not
// wanted any more. Failure: as copy_blob(); what was copied stays, and another run goes on from
// there. Nobody else writes to `to` meanwhile.
[[nodiscard]] Result<ImageCopyCounts> copy_images(index::StoredImages& images,
                                                  const SourceOfImage& source_of,
                                                  storage::BlobStore& to, const Clock& clock,
                                                  const ImageCopyOptions& options);

// Success: `to` has the tombstones of those stores and no others.
[[nodiscard]] Result<void> copy_tombstones(const std::vector<storage::BlobStore*>& from,
                                           storage::BlobStore& to);

}  // namespace pacs::archive
