#include "index/upload_rows.h"

#include "index/rows.h"
#include "index/sql_query.h"
#include "index/sqlite_connection.h"

namespace pacs::index {
namespace {

// The study whose pending_count has this upload in it.
std::optional<int64_t> study_that_waits(const UploadRecord& upload) {
  const bool waits =
      upload.status == UploadStatus::metadata_uploaded || upload.status == UploadStatus::failed;
  if (!waits || upload.image_id) return std::nullopt;
  return upload.study_id;
}

}  // namespace

Result<std::optional<UploadRecord>> UploadRows::find(const UploadKey& key) const {
  SqlQuery query("SELECT ");
  query.add(kUploadColumns)
      .add(" FROM uploads u WHERE u.image_uuid = ? AND u.owner = ?", key.image_uuid.str(),
           key.owner);
  Statement row = PACS_TRY(query.prepare(connection_));
  if (!PACS_TRY(row.step())) return std::optional<UploadRecord>();
  return std::optional<UploadRecord>(PACS_TRY(read_upload(row)));
}

Result<void> UploadRows::insert(UploadRecord& upload) {
  PACS_TRY(connection_.run(
      "INSERT INTO uploads(owner, image_uuid, owner_name, order_kind, order_value, filename,"
      " file_size, mime_type, checksum, image_metadata, status, created_at, metadata_uploaded_at,"
      " study_id, session_id, sequence_number)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      upload.key.owner, upload.key.image_uuid.str(), upload.owner_name, kind_of(upload.order),
      value_of(upload.order), upload.filename, upload.file_size, upload.mime_type,
      Bytes(upload.checksum.bytes), upload.image_metadata, static_cast<int64_t>(upload.status),
      upload.created_at, upload.metadata_uploaded_at, upload.study_id, upload.session_id,
      upload.sequence_number));
  upload.id = connection_.last_insert_id();
  if (const auto study_id = study_that_waits(upload)) {
    PACS_TRY(StudyRows(connection_).count_pending(*study_id, 1, upload.created_at));
  }
  return {};
}

Result<void> UploadRows::update(const UploadRecord& before, const UploadRecord& after,
                                UnixMillis now) {
  PACS_TRY(connection_.run(
      "UPDATE uploads SET owner_name = ?, order_kind = ?, order_value = ?, filename = ?,"
      " file_size = ?, mime_type = ?, checksum = ?, image_metadata = ?, status = ?,"
      " retry_count = ?, failure_reason = ?, error_code = ?, metadata_uploaded_at = ?,"
      " binary_uploaded_at = ?, ack_received_at = ?, image_id = ?, study_id = ?, session_id = ?,"
      " sequence_number = ?, receipt = ? WHERE id = ?",
      after.owner_name, kind_of(after.order), value_of(after.order), after.filename,
      after.file_size, after.mime_type, Bytes(after.checksum.bytes), after.image_metadata,
      static_cast<int64_t>(after.status), after.retry_count, after.failure_reason, after.error_code,
      after.metadata_uploaded_at, after.binary_uploaded_at, after.ack_received_at, after.image_id,
      after.study_id, after.session_id, after.sequence_number, after.receipt, after.id));
  const auto waited = study_that_waits(before);
  const auto waits = study_that_waits(after);
  if (waited == waits) return {};
  StudyRows studies(connection_);
  if (waited) PACS_TRY(studies.count_pending(*waited, -1, now));
  if (waits) PACS_TRY(studies.count_pending(*waits, 1, now));
  return {};
}

}  // namespace pacs::index
