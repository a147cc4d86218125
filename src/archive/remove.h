// Removing studies, series and images: rows first, so that nobody finds them, then the blobs.
#pragma once

#include "archive/actor.h"
#include "archive/claims.h"
#include "archive/stores.h"
#include "core/clock.h"
#include "index/images.h"
#include "index/ingests.h"
#include "index/scope.h"

namespace pacs::archive {

struct RemovalOutcome {
  size_t images = 0;
  uint64_t size_bytes = 0;
  size_t blobs_left = 0;  // that could not be deleted now: unreferenced, never served
};

// Any thread.
class RemoveService {
 public:
  RemoveService(Stores& stores, index::Database& database, Claims& claims,
                index::Scope archive_scope, const Clock& clock);

  // Success: every image of it is gone from every answer, durably, and its URLs answer 410.
  [[nodiscard]] Result<RemovalOutcome> remove(const index::Removal& removal, const Actor& actor);

 private:
  Result<void> delete_blob(const index::RemovedImage& removed);

  Stores& stores_;
  index::Ingests ingests_;
  index::Images images_;
  Claims& claims_;
  const index::Scope archive_scope_;
  const Clock& clock_;
};

}  // namespace pacs::archive
