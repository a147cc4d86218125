#include "index/rows.h"

#include <algorithm>
#include <cstring>

namespace pacs::index {

Error corrupt_row(std::string_view table) {
  return corrupt("index_row", "A row of the index cannot be read (" + std::string(table) +
                                  "); restore the index or rebuild it.");
}

std::optional<OrderReference> read_order(Statement& row) {
  const auto kind = row.optional_int64();
  const auto value = row.optional_int64();
  if (!kind || !value) return std::nullopt;
  return OrderReference{static_cast<OrderKind>(*kind), *value};
}

Result<Sha256Digest> read_sha256(Statement& row) {
  const Bytes bytes = row.blob();
  Sha256Digest digest;
  if (bytes.size() != digest.bytes.size()) return corrupt_row("SHA-256");
  std::copy(bytes.begin(), bytes.end(), digest.bytes.begin());
  return digest;
}

Result<StudyRecord> read_study(Statement& row) {
  const int64_t id = row.int64();
  auto study_uid = PACS_TRY(read_uid<dicom::StudyUid>(row));
  StudyRecord study{.id = id, .study_uid = std::move(study_uid)};
  study.order = read_order(row);
  StudyAttributes& attributes = study.attributes;
  for (std::string* text :
       {&attributes.patient_id, &attributes.patient_name, &attributes.patient_birth_date,
        &attributes.patient_sex, &attributes.study_date, &attributes.study_time,
        &attributes.description, &attributes.accession_number, &attributes.referring_physician,
        &study.modality}) {
    *text = row.text();
  }
  study.series_count = row.int64();
  study.image_count = row.int64();
  study.pending_count = row.int64();
  study.size_bytes = row.int64();
  study.created_at = row.int64();
  study.updated_at = row.int64();
  return study;
}

Result<SeriesRecord> read_series(Statement& row) {
  const int64_t id = row.int64();
  const int64_t study_id = row.int64();
  auto series_uid = PACS_TRY(read_uid<dicom::SeriesUid>(row));
  SeriesRecord series{.id = id, .study_id = study_id, .series_uid = std::move(series_uid)};
  series.attributes.number = row.optional_int64();
  series.attributes.description = row.text();
  series.attributes.modality = row.text();
  series.attributes.body_part = row.text();
  series.image_count = row.int64();
  return series;
}

Result<ImageRecord> read_image(Statement& row) {
  const int64_t id = row.int64();
  const int64_t study_id = row.int64();
  const int64_t series_id = row.int64();
  auto study_uid = PACS_TRY(read_uid<dicom::StudyUid>(row));
  auto series_uid = PACS_TRY(read_uid<dicom::SeriesUid>(row));
  auto image_uid = PACS_TRY(read_uid<dicom::SopInstanceUid>(row));
  std::string filename = row.text();
  auto key = ObjectKey::parse(row.text_view());
  if (!key) return corrupt_row("key");
  ImageRecord image{
      .id = id,
      .study_id = study_id,
      .series_id = series_id,
      .study_uid = std::move(study_uid),
      .series_uid = std::move(series_uid),
      .image_uid = std::move(image_uid),
      .attributes = ImageAttributes{.filename = std::move(filename), .key = std::move(*key)}};
  ImageAttributes& attributes = image.attributes;
  attributes.store = row.text();
  attributes.sha256 = PACS_TRY(read_sha256(row));
  attributes.size_bytes = row.int64();
  attributes.mime_type = row.text();
  attributes.transfer_syntax = row.text();
  attributes.sop_class_uid = row.text();
  attributes.instance_number = row.optional_int64();
  attributes.rows = row.optional_int64();
  attributes.columns = row.optional_int64();
  attributes.frames = row.int64();
  attributes.blob_identity = row.text();
  attributes.owner = row.text();
  attributes.uploader_name = row.text();
  attributes.stored_at = row.int64();
  return image;
}

Result<UploadRecord> read_upload(Statement& row) {
  const int64_t id = row.int64();
  std::string owner = row.text();
  auto image_uuid = Uuid::parse(row.text_view());
  if (!image_uuid) return corrupt_row("UUID");
  UploadRecord upload{.id = id, .key = {std::move(owner), std::move(*image_uuid)}};
  upload.owner_name = row.text();
  upload.order = read_order(row);
  upload.filename = row.text();
  upload.file_size = row.int64();
  upload.mime_type = row.text();
  upload.checksum = PACS_TRY(read_sha256(row));
  upload.image_metadata = row.text();
  upload.status = static_cast<UploadStatus>(row.int64());
  upload.retry_count = row.int64();
  upload.failure_reason = row.text();
  upload.error_code = row.text();
  upload.created_at = row.int64();
  upload.metadata_uploaded_at = row.int64();
  upload.binary_uploaded_at = row.optional_int64();
  upload.ack_received_at = row.optional_int64();
  upload.image_id = row.optional_int64();
  upload.study_id = row.optional_int64();
  upload.session_id = row.optional_int64();
  upload.sequence_number = row.optional_int64();
  upload.receipt = row.text();
  return upload;
}

int64_t hash_of_key(const ObjectKey& key) {
  const Sha256Digest digest = sha256(as_bytes(key.str()));
  int64_t number = 0;
  std::memcpy(&number, digest.bytes.data(), sizeof number);
  return number;
}

}  // namespace pacs::index
