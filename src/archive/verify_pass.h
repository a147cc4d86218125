// One walk over everything that the archive holds: each row against its blob, each blob against
// the rows, and what else lies there; then the copies in other stores, last, since such a store may
// be away.
//
// Two walks rather than one merge: the index finds a row by its key but does not keep keys in order
// (an index for that would be 200 MB for a million images), so rows come by id and blobs by key, a
// page of each in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "archive/actor.h"
#include "archive/claims.h"
#include "archive/orphan_check.h"
#include "archive/pace.h"
#include "archive/row_check.h"
#include "archive/stores.h"
#include "archive/verify_finding.h"
#include "archive/verify_repair.h"
#include "core/clock.h"
#include "core/result.h"
#include "index/image_checks.h"
#include "index/ingest.h"
#include "index/kept_blobs.h"

namespace pacs::archive {

enum class VerifyMode : uint8_t { check, repair };

struct VerifyOrder {
  VerifyDepth depth = VerifyDepth::hashes;
  VerifyMode mode = VerifyMode::check;
  Actor actor;
};

// Where a pass stands: everything before has been looked at.
struct VerifyPosition {
  enum class Phase : uint8_t { rows, trash, blobs, staging, copies, done };
  Phase phase = Phase::rows;
  int64_t after_image_id = 0;
  std::string store;      // of the blobs: empty for the first; of the last copy
  std::string after_key;  // empty: from the beginning

  [[nodiscard]] std::string to_json() const;
  [[nodiscard]] static std::optional<VerifyPosition> from_json(std::string_view json);
};

// Who is told what a pass sees; called on the thread of the pass.
class VerifyObserver {
 public:
  virtual ~VerifyObserver() = default;
  virtual void found(const VerifyFinding& finding) = 0;
  virtual void looked_at_images(uint64_t count) = 0;
  virtual void looked_at_files(uint64_t count) = 0;
  virtual void reached(const VerifyPosition& position) = 0;
};

// What a pass works on; all of it outlives the pass.
struct VerifyGround {
  const Stores& stores;
  index::Database& database;
  Claims& claims;
  const index::Scope& archive_scope;
  const Clock& clock;
  index::PatientMismatch patient_mismatch = index::PatientMismatch::refuse;
};

// One thread.
class VerifyPass {
 public:
  VerifyPass(const VerifyGround& ground, VerifyOrder order, Pace& pace, VerifyObserver& observer);

  // From `position` to the end. A check changes no file and no row; what it finds wrong in the
  // bytes of an image is not served any more. Errors: `unavailable` (reason "stopped") as the pace
  // says; `conflict` (reason "store_of_another") when the store is not that of this archive, such
  // as an unmounted disk; those of index and store. The last reached() position is where to go on.
  [[nodiscard]] Result<void> run(VerifyPosition position);

 private:
  class Visitor;

  Result<void> check_archive_id() const;
  Result<void> walk_rows(VerifyPosition& position);
  Result<void> look_at_row(const index::ImageRecord& row,
                           std::vector<index::ImageChecks::Verified>& verified);
  Result<void> walk_trash(VerifyPosition& position);
  Result<void> walk_copies(VerifyPosition& position);
  Result<void> look_at_kept(const index::KeptBlob& blob);
  Result<void> walk_blobs(VerifyPosition& position);
  Result<void> look_at_blobs(storage::BlobStore& store, const std::vector<ObjectKey>& keys);
  Result<void> look_at_orphan(storage::BlobStore& store, const ObjectKey& key);
  void report_orphan(storage::BlobStore& store, const ObjectKey& key, const Orphan& orphan);
  void report_foreign(storage::BlobStore& store, FindingKind kind, std::string_view path);
  Result<void> walk_staging(VerifyPosition& position);

  const VerifyGround ground_;
  const VerifyOrder order_;
  Pace& pace_;
  VerifyObserver& observer_;
  index::Images images_;
  index::ImageChecks checks_;
  index::KeptBlobs kept_;
  const OrphanCheck orphan_check_;
  VerifyRepair repair_;
};

}  // namespace pacs::archive
