// Removing studies, series and images, into the trash and out of it again, and purging what has
// been there for long enough.
#pragma once

#include <chrono>
#include <mutex>
#include <string_view>
#include <vector>

#include "archive/actor.h"
#include "archive/claims.h"
#include "archive/guarded_clock.h"
#include "archive/stores.h"
#include "archive/tombstones.h"
#include "index/scope.h"
#include "index/trash.h"

namespace pacs::archive {

struct RemoveOptions {
  // How long an image stays in the trash; 0: not at all.
  std::chrono::hours retention = std::chrono::days(30);
};

enum class RemoveMode {
  trash,  // for the retention time
  now,    // for good, also what is in the trash already
};

struct RemovalOutcome {
  size_t images = 0;
  uint64_t size_bytes = 0;
  UnixMillis purge_at = 0;  // from when on they may be purged
  size_t blobs_left = 0;    // that could not be deleted now: nothing serves them, a purge will
};

struct PurgeOutcome {
  size_t images = 0;
  uint64_t size_bytes = 0;
  size_t blobs_left = 0;
};

// Any thread.
//
// What a crash leaves, in the order of the steps: a tombstone without a removal (settle() takes it
// back); images in the trash; images whose blob is gone and whose row is still in the trash, marked
// as going, which nobody can restore and the next purge ends.
class RemoveService {
 public:
  RemoveService(Stores& stores, index::Database& database, Claims& claims,
                index::Scope archive_scope, GuardedClock& clock, RemoveOptions options = {});

  // Success: every image of it is gone from every answer, durably, its URLs answer 410, and an
  // index that is made anew from the blobs does not show it. In the mode `now` the blobs are
  // deleted too. Failure: nothing has changed, but in the mode `now` images may be in the trash.
  // Errors: conflict/study_held, conflict/retention_date, unavailable/busy.
  [[nodiscard]] Result<RemovalOutcome> remove(const index::Removal& removal, const Actor& actor,
                                              RemoveMode mode = RemoveMode::trash);

  // Success: the images of it that are in the trash are back, with their bytes, UIDs and numbers.
  // `not_found` (reason "not_in_trash") when there is none; conflict/being_purged when their bytes
  // are being deleted.
  [[nodiscard]] Result<index::Restored> restore(const index::Removal& removal, const Actor& actor);

  // One step of the purge in the background: a bounded number of images whose time has come.
  [[nodiscard]] Result<PurgeOutcome> purge_some();

  // Before the first request, and again whenever it may be needed: see Tombstones.
  [[nodiscard]] Result<void> settle() { return tombstones_.settle_if_needed(); }

 private:
  Result<std::vector<index::RemovedImage>> hide(const index::Removal& removal, const Actor& actor,
                                                UnixMillis now, UnixMillis purge_at);
  Result<PurgeOutcome> purge(std::vector<index::RemovedImage> images, const Actor& actor,
                             std::chrono::milliseconds claim_wait_max);
  Result<void> delete_bytes(std::string_view store, const ObjectKey& key);
  Result<void> purge_of(const index::Removal& removal, const Actor& actor, RemovalOutcome& outcome);

  Stores& stores_;
  index::Trash trash_;
  Tombstones tombstones_;
  Claims& claims_;
  const index::Scope archive_scope_;
  GuardedClock& clock_;
  const RemoveOptions options_;
  // A purge holds the claims of many images, so that two must not wait for each other.
  std::mutex purging_;
};

}  // namespace pacs::archive
