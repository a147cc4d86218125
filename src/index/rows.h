// How the records of this module stand in the columns of their tables. Each `k…Columns` is the list
// of a SELECT over the aliases named; the function of the same noun reads one row of it.
#pragma once

#include <limits>
#include <string>
#include <string_view>

#include "core/result.h"
#include "dicom/uid.h"
#include "index/image_record.h"
#include "index/order.h"
#include "index/series_record.h"
#include "index/sqlite_statement.h"
#include "index/study_record.h"
#include "index/upload_record.h"

namespace pacs::index {

[[nodiscard]] Error corrupt_row(std::string_view table);

// A UID as it was spelt, from the text of a column. `corrupt` when it is none.
template <typename Uid>
[[nodiscard]] Result<Uid> read_uid(Statement& row) {
  const auto uid = Uid::parse(row.text_view());
  if (!uid) return corrupt_row("UID");
  return *uid;
}
// What goes into `spelt_uid`.
template <typename Uid>
[[nodiscard]] std::optional<std::string> spelling(const Uid& uid) {
  if (uid.is_uuid()) return uid.str();
  return std::nullopt;
}

[[nodiscard]] std::optional<OrderReference> read_order(Statement& row);
[[nodiscard]] inline std::optional<int64_t> kind_of(const std::optional<OrderReference>& order) {
  return order ? std::optional<int64_t>(static_cast<int64_t>(order->kind)) : std::nullopt;
}
[[nodiscard]] inline std::optional<int64_t> value_of(const std::optional<OrderReference>& order) {
  return order ? std::optional<int64_t>(order->value) : std::nullopt;
}
[[nodiscard]] Result<Sha256Digest> read_sha256(Statement& row);

// studies s
inline constexpr std::string_view kStudyColumns =
    "s.id, coalesce(s.spelt_uid, s.study_uid), s.order_kind, s.order_value, s.patient_id,"
    " s.patient_name, s.patient_birth_date, s.patient_sex, s.study_date, s.study_time,"
    " s.description, s.accession_number, s.referring_physician, s.modality, s.series_count,"
    " s.image_count, s.pending_count, s.size_bytes, s.created_at, s.updated_at";
[[nodiscard]] Result<StudyRecord> read_study(Statement& row);

// series e
inline constexpr std::string_view kSeriesColumns =
    "e.id, e.study_id, coalesce(e.spelt_uid, e.series_uid), e.number, e.description, e.modality,"
    " e.body_part, e.image_count";
[[nodiscard]] Result<SeriesRecord> read_series(Statement& row);

// images i JOIN series e ON e.id = i.series_id JOIN studies s ON s.id = i.study_id
inline constexpr std::string_view kImageColumns =
    "i.id, i.study_id, i.series_id, coalesce(s.spelt_uid, s.study_uid),"
    " coalesce(e.spelt_uid, e.series_uid), coalesce(i.spelt_uid, i.image_uid), i.filename, i.key,"
    " i.store, i.sha256, i.size_bytes, i.mime_type, i.transfer_syntax, i.sop_class_uid,"
    " i.instance_number, i.rows, i.columns, i.frames, i.blob_identity, i.owner, i.uploader_name,"
    " i.stored_at";
inline constexpr std::string_view kImageTables =
    " FROM images i JOIN series e ON e.id = i.series_id JOIN studies s ON s.id = i.study_id";
[[nodiscard]] Result<ImageRecord> read_image(Statement& row);

// images.instance_order of an image without an instance number.
inline constexpr int64_t kBehindAllNumbers = std::numeric_limits<int64_t>::max();

// uploads u
inline constexpr std::string_view kUploadColumns =
    "u.id, u.owner, u.image_uuid, u.owner_name, u.order_kind, u.order_value, u.filename,"
    " u.file_size, u.mime_type, u.checksum, u.image_metadata, u.status, u.retry_count,"
    " u.failure_reason, u.error_code, u.created_at, u.metadata_uploaded_at, u.binary_uploaded_at,"
    " u.ack_received_at, u.image_id, u.study_id, u.session_id, u.sequence_number, u.receipt";
[[nodiscard]] Result<UploadRecord> read_upload(Statement& row);

// Keys are found by a number, so that an index of a million of them is 14 MB and not 200: the first
// eight bytes of the SHA-256. Whoever looks one up compares the key as well.
[[nodiscard]] int64_t hash_of_key(const ObjectKey& key);

}  // namespace pacs::index
