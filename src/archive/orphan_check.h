// What is a blob that no row names? Reads, and changes nothing.
#pragma once

#include <optional>

#include "archive/pace.h"
#include "archive/verify_finding.h"
#include "core/clock.h"
#include "core/object_key.h"
#include "core/result.h"
#include "index/audit_log.h"
#include "index/image_checks.h"
#include "index/images.h"
#include "index/scope.h"
#include "index/trash.h"
#include "storage/blob_store.h"

namespace pacs::archive {

// A blob without a row, and what its attributes say of it.
struct Orphan {
  Fault fault;
  storage::BlobInfo info;
  std::optional<Sha256Digest> sha256;  // of the bytes, where they were read and are whole
  // The row of the image that the attributes name, where it lies under another key.
  std::optional<index::ImageRecord> row_elsewhere;
  // Of a cut ingest: whether it is old enough to be moved away.
  bool is_settled = false;
};

// One pass at a time.
class OrphanCheck {
 public:
  // How long the sender of a cut ingest may take to come back before its blob is moved away.
  static constexpr UnixMillis kCutIngestSettlesMillis = 24LL * 60 * 60 * 1000;
  // A removal of many images deletes their rows first and then one file after the other.
  static constexpr UnixMillis kRemovalSettlesMillis = 60LL * 60 * 1000;

  OrphanCheck(index::Database& database, const index::Scope& archive_scope, const Clock& clock)
      : images_(database),
        checks_(database),
        trash_(database),
        audit_log_(database),
        archive_scope_(archive_scope),
        clock_(clock) {}

  // Call with the claims of the image that the key names and of the one that the attributes name:
  // else it may be that of an ingest that is about to commit. Nothing when the blob has a row by
  // now, is gone, or belongs to an image in the trash or to a removal that is under way.
  [[nodiscard]] Result<std::optional<Orphan>> check(storage::BlobStore& store, const ObjectKey& key,
                                                    Pace& pace) const;

 private:
  Result<std::optional<Orphan>> judge(storage::BlobStore& store, const ObjectKey& key,
                                      storage::BlobReader& blob, Pace& pace) const;
  Result<void> judge_whole(storage::BlobStore& store, const ObjectKey& key, Orphan& orphan) const;

  index::Images images_;
  index::ImageChecks checks_;
  index::Trash trash_;
  index::AuditLog audit_log_;
  const index::Scope& archive_scope_;
  const Clock& clock_;
};

// The image that a blob's attributes name; nothing when they name none.
[[nodiscard]] std::optional<dicom::SopInstanceUid> image_uid_of(
    const storage::BlobAttributes& attributes);

}  // namespace pacs::archive
