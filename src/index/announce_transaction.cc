#include "index/announce_transaction.h"

#include "index/canonical_json.h"
#include "index/trash_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

const dicom::StudyUid& announced_uid(const AnnounceRequest& request) {
  return request.study_uid ? *request.study_uid : request.derived_study_uid;
}

}  // namespace

Result<std::optional<KnownStudy>> find_announced_study(Connection& connection,
                                                       const AnnounceRequest& request) {
  const StudyRows studies(connection);
  if (!request.study_uid && request.order) {
    auto study = PACS_TRY(studies.first_of_order(*request.order));
    if (study) return study;
  }
  return studies.find(announced_uid(request), Aliases::follow);
}

void begin_retry(UploadRecord& upload) {
  upload.status = UploadStatus::metadata_uploaded;
  upload.failure_reason.clear();
  upload.error_code.clear();
  ++upload.retry_count;
}

Result<void> fill_study_uid(WriteTransaction& transaction, const UploadRecord& upload,
                            AuditLine& line) {
  if (!line.study_uid.empty() || !upload.study_id) return {};
  const auto study = PACS_TRY(StudyRows(transaction.connection()).find(*upload.study_id));
  if (study) line.study_uid = study->record.study_uid.str();
  return {};
}

AnnounceTransaction::AnnounceTransaction(WriteTransaction& transaction,
                                         const AnnounceRequest& request, int64_t reserved_study_id)
    : transaction_(transaction),
      request_(request),
      reserved_study_id_(reserved_study_id),
      studies_(transaction.connection()),
      uploads_(transaction.connection()) {}

Result<AnnounceOutcome> AnnounceTransaction::run(AuditLine line) {
  PACS_TRY(check_session());
  const auto known = PACS_TRY(uploads_.find(request_.key));
  AnnounceOutcome outcome =
      known ? PACS_TRY(repeat(*known, line.time)) : PACS_TRY(create(line.time));
  PACS_TRY(fill_study_uid(transaction_, outcome.record, line));
  PACS_TRY(transaction_.audit(line));
  return outcome;
}

Result<void> AnnounceTransaction::check_session() const {
  if (!request_.session_id) return {};
  const auto known = PACS_TRY(transaction_.connection().find_int64(
      "SELECT 1 FROM upload_sessions WHERE id = ? AND owner = ?", *request_.session_id,
      request_.key.owner));
  if (!known) return not_found("no_such_session", "There is no such upload session.");
  return {};
}

bool AnnounceTransaction::is_same(const UploadRecord& known) const {
  return known.order == request_.order && known.filename == request_.filename &&
         known.file_size == request_.file_size && known.mime_type == request_.mime_type &&
         known.checksum == request_.checksum &&
         (known.image_metadata == request_.image_metadata ||
          canonical_json(known.image_metadata) == canonical_json(request_.image_metadata));
}

Result<AnnounceOutcome> AnnounceTransaction::create(UnixMillis now) {
  UploadRecord upload{.id = 0, .key = request_.key};
  upload.created_at = now;
  PACS_TRY(take_over(upload, now));
  upload.session_id = request_.session_id;
  upload.sequence_number = request_.sequence_number;
  PACS_TRY(uploads_.insert(upload));
  return AnnounceOutcome{AnnounceOutcome::Kind::created, std::move(upload)};
}

Result<AnnounceOutcome> AnnounceTransaction::repeat(const UploadRecord& known, UnixMillis now) {
  UploadRecord after = known;
  // An image announced by itself may be gathered into a session later.
  if (!after.session_id) {
    after.session_id = request_.session_id;
    after.sequence_number = request_.sequence_number;
  }
  const bool has_failed = known.status == UploadStatus::failed;
  const bool has_bytes = !has_failed && known.status != UploadStatus::metadata_uploaded;
  const bool is_changed = !is_same(known);
  if (is_changed && has_bytes) {
    return conflict("metadata_changed",
                    "The bytes were stored under other metadata; use another image_uuid.");
  }
  if (is_changed) {
    PACS_TRY(take_over(after, now));
  } else if (!has_bytes && !after.study_id) {
    after.study_id = PACS_TRY(settle_study(now));  // its study was removed meanwhile
  }
  if (is_changed || has_failed) begin_retry(after);
  PACS_TRY(uploads_.update(known, after, now));
  if (known.study_id && known.study_id != after.study_id) {
    // What the client announced first was a mistake; a study that consists of it alone goes.
    const auto before = PACS_TRY(studies_.find(*known.study_id));
    if (before && before->is_provisional()) PACS_TRY(studies_.erase_if_empty(*known.study_id));
  }
  return AnnounceOutcome{
      is_changed || has_failed ? AnnounceOutcome::Kind::updated : AnnounceOutcome::Kind::existed,
      std::move(after)};
}

Result<void> AnnounceTransaction::take_over(UploadRecord& upload, UnixMillis now) {
  upload.study_id = PACS_TRY(settle_study(now));
  upload.owner_name = request_.owner_name;
  upload.order = request_.order;
  upload.filename = request_.filename;
  upload.file_size = request_.file_size;
  upload.mime_type = request_.mime_type;
  upload.checksum = request_.checksum;
  upload.image_metadata = request_.image_metadata;
  upload.metadata_uploaded_at = now;
  return {};
}

// A study in the trash stays there until bytes come, or somebody restores it: what is on its way to
// it waits under a UID of its own.
Result<dicom::StudyUid> AnnounceTransaction::provisional_uid() const {
  const bool is_in_trash =
      PACS_TRY(TrashRows(transaction_.connection()).find_study(announced_uid(request_)))
          .has_value();
  return is_in_trash ? request_.derived_study_uid : announced_uid(request_);
}

Result<int64_t> AnnounceTransaction::settle_study(UnixMillis now) {
  auto study = PACS_TRY(find_announced_study(transaction_.connection(), request_));
  const dicom::StudyUid uid = PACS_TRY(provisional_uid());
  if (!study) study = PACS_TRY(studies_.find(uid, Aliases::follow));
  if (!study) {
    study = PACS_TRY(studies_.insert(uid, request_.study, DescribedBy::announcement, now,
                                     std::nullopt, reserved_study_id_));
  }
  if (request_.patient_mismatch == PatientMismatch::refuse) {
    PACS_TRY(studies_.check_patient(*study, request_.order, request_.study.patient_id));
  }
  if (!study->is_provisional()) {
    // What has images is not changed by a mere word about one: the order joins it with the bytes.
    PACS_TRY(studies_.check_order(*study, request_.order));
    return study->record.id;
  }
  PACS_TRY(studies_.join_order(*study, request_.order));
  PACS_TRY(studies_.describe(*study, request_.study, DescribedBy::announcement));
  return study->record.id;
}

}  // namespace pacs::index
