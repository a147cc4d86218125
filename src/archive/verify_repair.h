// Mends what a verification found: indexes whole blobs again, puts renamed ones back, moves what is
// wrong to the quarantine. Deletes nothing, and whatever it does can be cut and done again.
#pragma once

#include "archive/actor.h"
#include "archive/orphan_check.h"
#include "archive/stores.h"
#include "archive/verify_finding.h"
#include "core/clock.h"
#include "core/object_key.h"
#include "index/images.h"
#include "index/ingests.h"
#include "index/uploads.h"

namespace pacs::archive {

// One pass at a time. Of an image, call with its claim held.
class VerifyRepair {
 public:
  VerifyRepair(const Stores& stores, index::Database& database, const Clock& clock,
               index::PatientMismatch patient_mismatch)
      : stores_(stores),
        images_(database),
        ingests_(database),
        uploads_(database),
        clock_(clock),
        patient_mismatch_(patient_mismatch) {}

  // Wrong bytes go to the quarantine, so that a resend of the image, or its copy from a backup,
  // finds the key free; wrong attributes are written anew. The row stays in any case.
  [[nodiscard]] RepairOutcome of_row(const Fault& fault, const index::ImageRecord& row);

  [[nodiscard]] RepairOutcome of_orphan(storage::BlobStore& store, const ObjectKey& key,
                                        const Orphan& orphan, const Actor& actor);

  [[nodiscard]] static RepairOutcome of_foreign(storage::BlobStore& store, std::string_view path);
  [[nodiscard]] static RepairOutcome of_staged(storage::BlobStore& store, std::string_view id);

 private:
  Result<void> index_again(storage::BlobStore& store, const ObjectKey& key, const Orphan& orphan,
                           const Actor& actor);
  Result<index::ImageRecord> commit(storage::BlobStore& store, index::Ingest ingest,
                                    const index::AuditLine& line);
  Result<void> put_back(storage::BlobStore& store, const ObjectKey& from, const Orphan& orphan);
  Result<void> write_attributes(storage::BlobStore& store, const index::ImageRecord& row);

  const Stores& stores_;
  index::Images images_;
  index::Ingests ingests_;
  index::Uploads uploads_;
  const Clock& clock_;
  const index::PatientMismatch patient_mismatch_;
};

}  // namespace pacs::archive
