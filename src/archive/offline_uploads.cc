#include "archive/offline_uploads.h"

#include <utility>

#include "archive/image_identity.h"
#include "core/log.h"

namespace pacs::archive {
namespace {

// Its connection broke: it will come again with the same bytes.
bool is_cut_off(const Error& error) { return error.code == ErrorCode::unavailable; }

Result<StoreRequest> request_of(const Actor& actor, const index::UploadRecord& record) {
  StoreRequest request;
  request.actor = actor;
  request.filename = record.filename;
  request.declared =
      PACS_TRY(DeclaredMetadata::from_json(PACS_TRY(JsonValue::parse(record.image_metadata))));
  request.order = record.order;
  request.declared_size_bytes = static_cast<uint64_t>(record.file_size);
  request.declared_sha256 = record.checksum;
  request.upload = record.key;
  request.announced_mime_type = record.mime_type;
  return request;
}

}  // namespace

bool is_clients_fault(const Error& error) {
  return error.code == ErrorCode::invalid_argument || error.code == ErrorCode::unsupported ||
         error.code == ErrorCode::conflict || error.reason == "too_large";
}

OfflineUploadService::OfflineUploadService(StoreService& store, index::Database& database,
                                           Room& room, index::Scope archive_scope,
                                           const Clock& clock, ReceiptWriter write_receipt,
                                           index::PatientMismatch patient_mismatch)
    : store_(store),
      room_(room),
      uploads_(database),
      images_(database),
      archive_scope_(std::move(archive_scope)),
      clock_(clock),
      write_receipt_(std::move(write_receipt)),
      patient_mismatch_(patient_mismatch) {}

Result<index::AnnounceOutcome> OfflineUploadService::announce(const Actor& actor,
                                                              const Announcement& announcement) {
  PACS_TRY(room_.check(static_cast<uint64_t>(announcement.file_size)));
  const DeclaredMetadata& declared = announcement.declared;
  const DerivationSeed seed{.image_uuid = announcement.image_uuid,
                            .order = announcement.order,
                            .sha256 = announcement.checksum};
  index::AnnounceRequest request{
      .key = {.owner = actor.id, .image_uuid = announcement.image_uuid},
      .owner_name = actor.name,
      .order = announcement.order,
      .filename = announcement.filename,
      .file_size = announcement.file_size,
      .mime_type = announcement.mime_type,
      .checksum = announcement.checksum,
      .image_metadata = declared.json,
      .session_id = announcement.session_id,
      .sequence_number = announcement.sequence_number,
      .study_uid = declared.study_uid,
      .derived_study_uid = identity_of_picture(DeclaredMetadata{}, seed).study_uid,
      .study = {},
      .patient_mismatch = patient_mismatch_};
  request.study.patient_id = declared.patient_id;
  request.study.patient_name = declared.patient_name;
  request.study.study_date = declared.study_date;
  request.study.description = declared.study_description;
  return uploads_.announce(request, audit_line(actor, clock_, "upload.announce"));
}

Result<ReceivedBinary> OfflineUploadService::receive(const Actor& actor, const Uuid& image_uuid,
                                                     ByteSource& body) {
  const index::UploadRecord record = PACS_TRY(announced(actor, image_uuid));
  const StoreRequest request = PACS_TRY(request_of(actor, record));
  return settle(actor, record.key, store_.store(request, body));
}

Result<ReceivedBinary> OfflineUploadService::receive_staged(
    const Actor& actor, const Uuid& image_uuid, std::unique_ptr<storage::StagedBlob> staged) {
  const index::UploadRecord record = PACS_TRY(announced(actor, image_uuid));
  const StoreRequest request = PACS_TRY(request_of(actor, record));
  return settle(actor, record.key, store_.store_staged(request, std::move(staged)));
}

Result<ReceivedBinary> OfflineUploadService::settle(const Actor& actor, const index::UploadKey& key,
                                                    Result<StoreOutcome> outcome) {
  if (!outcome) {
    Error error = std::move(outcome).error();
    if (is_clients_fault(error) && !is_cut_off(error)) {
      index::AuditLine line = audit_line(actor, clock_, "upload.fail");
      line.outcome = index::AuditOutcome::refused;
      line.detail = error.reason;
      const auto failed = uploads_.fail(key, error.detail, error.reason, line);
      if (!failed) log_warning("upload_not_failed", {{"reason", failed.error().reason}});
    }
    return error;
  }
  PACS_ASSERT(outcome->upload.has_value());
  return ReceivedBinary{outcome->kind, std::move(*outcome->upload), std::move(outcome->image)};
}

Result<index::UploadRecord> OfflineUploadService::acknowledge(const Actor& actor,
                                                              const Uuid& image_uuid) {
  index::UploadRecord record = PACS_TRY(announced(actor, image_uuid));
  // Also when the image has been removed since: that its bytes were safe here stays true, and a
  // client that sent them again would undo the removal.
  if (record.status == index::UploadStatus::ack_received && !record.receipt.empty()) return record;
  if (!record.image_id || record.status == index::UploadStatus::failed) {
    return conflict("bytes_missing", "the bytes of this image have not arrived; send them first");
  }
  const auto image = PACS_TRY(images_.find(archive_scope_, *record.image_id));
  if (!image) return conflict("bytes_missing", "the image was removed before it was acknowledged");

  const std::string receipt = write_receipt_({.image_uuid = image_uuid,
                                              .image_uid = image->image_uid,
                                              .sha256 = image->attributes.sha256,
                                              .file_size = image->attributes.size_bytes,
                                              .file_key = image->attributes.key,
                                              .stored_at = image->attributes.stored_at});
  return uploads_.acknowledge(record.key, receipt, audit_line(actor, clock_, "upload.acknowledge"));
}

Result<index::UploadRecord> OfflineUploadService::retry(const Actor& actor,
                                                        const Uuid& image_uuid) {
  return uploads_.retry({.owner = actor.id, .image_uuid = image_uuid},
                        audit_line(actor, clock_, "upload.retry"));
}

Result<index::UploadRecord> OfflineUploadService::announced(const Actor& actor,
                                                            const Uuid& image_uuid) const {
  auto record =
      PACS_TRY(uploads_.find(archive_scope_, {.owner = actor.id, .image_uuid = image_uuid}));
  if (!record) {
    return conflict("metadata_missing",
                    "no metadata has been uploaded under this image_uuid; upload it first");
  }
  return std::move(*record);
}

}  // namespace pacs::archive
