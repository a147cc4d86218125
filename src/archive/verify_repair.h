// Mends what a verification found: indexes whole blobs again, puts renamed ones back, moves what is
// wrong to the quarantine. Deletes nothing, and whatever it does can be cut and done again.
#pragma once

#include "archive/actor.h"
#include "archive/orphan_check.h"
#include "archive/pace.h"
#include "archive/stores.h"
#include "archive/verify_finding.h"
#include "core/clock.h"
#include "core/object_key.h"
#include "index/images.h"
#include "index/ingests.h"
#include "index/kept_blobs.h"
#include "index/uploads.h"

namespace pacs::archive {

// One pass at a time. Of an image, call with its claim held.
class VerifyRepair {
 public:
  VerifyRepair(const Stores& stores, index::Database& database, const index::Scope& archive_scope,
               const Clock& clock, Pace& pace, index::PatientMismatch patient_mismatch)
      : stores_(stores),
        archive_scope_(archive_scope),
        kept_(database),
        images_(database),
        ingests_(database),
        uploads_(database),
        clock_(clock),
        pace_(pace),
        patient_mismatch_(patient_mismatch) {}

  // Missing and wrong bytes come back from a copy in another store where there is a good one. Else
  // wrong bytes go to the quarantine, so that a resend of the image, or its copy from a backup,
  // finds the key free. Wrong attributes are written anew. The row stays in any case.
  [[nodiscard]] RepairOutcome of_row(const Fault& fault, const index::ImageRecord& row);

  // The same for what is in the trash and for copies, whose bytes come from the row's own store.
  [[nodiscard]] RepairOutcome of_kept(const Fault& fault, const index::KeptBlob& blob);

  [[nodiscard]] RepairOutcome of_orphan(storage::BlobStore& store, const ObjectKey& key,
                                        const Orphan& orphan, const Actor& actor);

  [[nodiscard]] static RepairOutcome of_foreign(storage::BlobStore& store, std::string_view path);
  [[nodiscard]] static RepairOutcome of_staged(storage::BlobStore& store, std::string_view id);

 private:
  // The store of a good copy, from which the blob was made anew; empty: there is none.
  Result<std::string> make_anew(const index::StoredImage& image);
  RepairOutcome of_lost_bytes(const Fault& fault, const index::StoredImage& image);
  Result<void> index_again(storage::BlobStore& store, const ObjectKey& key, const Orphan& orphan,
                           const Actor& actor);
  Result<index::ImageRecord> commit(storage::BlobStore& store, index::Ingest ingest,
                                    const index::AuditLine& line);
  Result<void> put_back(storage::BlobStore& store, const ObjectKey& from, const Orphan& orphan);
  Result<void> write_attributes(storage::BlobStore& store, const index::ImageRecord& row);

  const Stores& stores_;
  const index::Scope& archive_scope_;
  index::KeptBlobs kept_;
  index::Images images_;
  index::Ingests ingests_;
  index::Uploads uploads_;
  const Clock& clock_;
  Pace& pace_;
  const index::PatientMismatch patient_mismatch_;
};

}  // namespace pacs::archive
