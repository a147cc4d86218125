// All images of an archive into another of its stores, beside the server that goes on working with
// them. A row names the other store as soon as it may hold bytes, and as verified once they were
// held against the row; nothing is taken away from where the images are.
#pragma once

#include <cstdint>
#include <functional>

#include "archive/blob_copy.h"
#include "archive/image_copies.h"
#include "archive/stores.h"
#include "core/clock.h"
#include "core/result.h"
#include "index/store_copies.h"
#include "index/stored_images.h"

namespace pacs::archive {

struct MigrationCounts {
  uint64_t images = 0;  // looked at
  uint64_t moved = 0;
  uint64_t moved_bytes = 0;
  uint64_t already_there = 0;
  uint64_t removed = 0;  // purged meanwhile: no copy of theirs is left
  uint64_t refused = 0;  // each was told
};

struct MigrationOptions {
  // A publish waits for the store most of the time; more than its queue is deep gain nothing.
  size_t threads = 8;
  uint64_t bytes_per_second_max = Pace::kNoLimit;
  // Reads and hashes also what the rows name as verified already, and the images whose home the
  // target is: a wrong one of these is a finding, which `verify --repair` mends.
  bool compares_all = false;
  // Any thread, one call at a time, both.
  std::function<void(const ImageCopyFinding&)> on_finding = [](const ImageCopyFinding&) {};
  std::function<void(const MigrationCounts&)> on_progress = [](const MigrationCounts&) {};
};

// What it works on; all of it outlives the run.
struct MigrationGround {
  const Stores& stores;  // opens those that the rows name
  storage::BlobStore& target;
  index::StoreCopies& copies;
  index::StoredImages& live;  // of the same index, for looking up alone
  const Clock& clock;
};

// Success: each image that was there when this began has a verified copy in the target, which its
// row names, or is a finding, or was purged. Failure: a store or the index does not work; what was
// verified stays, and another run goes on from there. Only one run at a time writes to the target.
[[nodiscard]] Result<MigrationCounts> migrate_images(const MigrationGround& ground,
                                                     const MigrationOptions& options);

}  // namespace pacs::archive
