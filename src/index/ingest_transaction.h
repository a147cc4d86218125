// The steps of one ingest inside a write transaction, in the order in which they happen.
#pragma once

#include <optional>
#include <vector>

#include "core/result.h"
#include "index/audit_line.h"
#include "index/ingest.h"
#include "index/ingest_lookup.h"
#include "index/study_rows.h"
#include "index/trash_rows.h"
#include "index/upload_record.h"

namespace pacs::index {

class WriteTransaction;

class IngestTransaction {
 public:
  IngestTransaction(WriteTransaction& transaction, const Ingest& ingest);

  // See Ingests::commit. After an error the caller rolls back.
  [[nodiscard]] Result<IngestOutcome> run(AuditLine line);

 private:
  struct KnownImage {
    int64_t id = 0;
    int64_t study_id = 0;
    Sha256Digest sha256;
  };

  [[nodiscard]] Result<void> check_wanted_ids() const;
  [[nodiscard]] Result<void> find_upload();
  [[nodiscard]] Result<std::optional<KnownImage>> find_known_image();
  // Brings the image back from the trash; nothing when it is not there.
  [[nodiscard]] Result<std::optional<KnownImage>> restore_known_image(const AuditLine& line);

  [[nodiscard]] Result<void> check_declared_study(const KnownImage& known) const;
  [[nodiscard]] Result<void> merge_studies(const KnownStudy& from, KnownStudy& into,
                                           const AuditLine& line);
  // The study of the bytes, with every rule about orders and patients held.
  [[nodiscard]] Result<KnownStudy> settle_study(std::optional<int64_t> known_study_id,
                                                const AuditLine& line);
  [[nodiscard]] Result<void> check_patient(const KnownStudy& study) const;
  // The declared UID finds the study; its own UID finds nothing else any more.
  [[nodiscard]] Result<void> settle_aliases(const KnownStudy& study, const AuditLine& line);
  [[nodiscard]] Result<void> audit_names(const KnownStudy& study, AuditLine line,
                                         std::string detail);

  [[nodiscard]] Result<ImageRecord> store(const KnownStudy& study);
  struct SettledSeries {
    int64_t id = 0;
    dicom::SeriesUid series_uid;  // as it was spelt first
    bool is_new = false;
    bool has_new_modality = false;
  };
  [[nodiscard]] Result<SettledSeries> settle_series(int64_t study_id);
  [[nodiscard]] Result<SettledSeries> insert_series(int64_t study_id);
  // Counts one image more.
  [[nodiscard]] Result<SettledSeries> describe_series(int64_t series_id);
  // Forgets that another image was removed from under the key.
  [[nodiscard]] Result<void> take_key();
  [[nodiscard]] Result<int64_t> insert_image(int64_t study_id, int64_t series_id);
  [[nodiscard]] Result<void> insert_attachments(int64_t series_id, int64_t image_id);

  [[nodiscard]] Result<void> attach_upload(int64_t study_id, int64_t image_id, UnixMillis now);
  [[nodiscard]] Result<ImageRecord> read_image_row(int64_t image_id) const;
  [[nodiscard]] DescribedBy source() const;

  WriteTransaction& transaction_;
  const Ingest& ingest_;
  IngestLookup lookup_;
  StudyRows studies_;
  TrashRows trash_;
  std::optional<UploadRecord> upload_;
  std::optional<OrderReference> order_;
  bool reuses_key_ = false;  // of an image that was removed
};

}  // namespace pacs::index
