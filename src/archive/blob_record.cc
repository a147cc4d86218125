#include "archive/blob_record.h"

#include <utility>

#include "core/text.h"

namespace pacs::archive {
namespace {

using storage::BlobAttributes;

Error bad_attribute(std::string_view name) {
  return corrupt("bad_attributes",
                 "the attribute " + std::string(name) + " of the blob is missing or wrong");
}

const std::string& text_of(const BlobAttributes& attributes, std::string_view name) {
  static const std::string none;
  const std::string* text = attributes.find(name);
  return text == nullptr ? none : *text;
}

Result<int64_t> positive_number(std::string_view name, std::string_view text) {
  const auto number = parse_unsigned(text);
  if (!number || *number < 1 || *number > uint64_t{index::WantedIds::kWantedIdMax}) {
    return bad_attribute(name);
  }
  return static_cast<int64_t>(*number);
}

// Absent in what was stored before numbers travelled with the bytes: then new ones are given.
Result<std::optional<int64_t>> find_id(const BlobAttributes& attributes, std::string_view name) {
  const std::string* text = attributes.find(name);
  if (text == nullptr) return std::optional<int64_t>();
  return std::optional<int64_t>(PACS_TRY(positive_number(name, *text)));
}

template <typename Uid>
Result<Uid> uid_of(const BlobAttributes& attributes, std::string_view name) {
  const auto uid = Uid::parse(text_of(attributes, name));
  if (!uid) return bad_attribute(name);
  return *uid;
}

// A picture has only the UIDs that stand here; a data set has its own, and what was declared beside
// them found it too.
Result<DeclaredMetadata> declared_of(const BlobAttributes& attributes, bool is_dicom) {
  DeclaredMetadata declared;
  if (const std::string* json = attributes.find("declared")) {
    const auto value = JsonValue::parse(*json);
    auto read =
        value ? DeclaredMetadata::from_json(*value) : Result<DeclaredMetadata>(value.error());
    if (!read) {
      // That there is no memory says nothing about the blob.
      if (read.error().code != ErrorCode::invalid_argument) return std::move(read).error();
      return bad_attribute("declared");
    }
    declared = std::move(*read);
    declared.json = *json;
  }
  if (is_dicom) return declared;
  declared.study_uid = PACS_TRY(uid_of<dicom::StudyUid>(attributes, "study-uid"));
  declared.series_uid = PACS_TRY(uid_of<dicom::SeriesUid>(attributes, "series-uid"));
  declared.image_uid = PACS_TRY(uid_of<dicom::SopInstanceUid>(attributes, "image-uid"));
  return declared;
}

}  // namespace

Result<BlobRecord> read_blob_record(const BlobAttributes& attributes) {
  BlobRecord record;
  const auto sha256 = Sha256Digest::from_hex(text_of(attributes, "sha256"));
  if (!sha256) return bad_attribute("sha256");
  record.sha256 = *sha256;
  record.size_bytes =
      static_cast<uint64_t>(PACS_TRY(positive_number("size", text_of(attributes, "size"))));
  const auto stored_at = from_rfc3339(text_of(attributes, "stored-at"));
  if (!stored_at) return bad_attribute("stored-at");
  record.stored_at = *stored_at;

  StoreRequest& request = record.request;
  request.actor = {.id = text_of(attributes, "owner"),
                   .name = text_of(attributes, "uploader"),
                   .request_id = {}};
  request.filename = text_of(attributes, "filename");
  const bool is_dicom = text_of(attributes, "mime-type") == "application/dicom";
  request.declared = PACS_TRY(declared_of(attributes, is_dicom));
  if (const std::string* order = attributes.find("order")) {
    request.order = index::parse_order(*order);
    if (!request.order) return bad_attribute("order");
  }
  if (const std::string* image_uuid = attributes.find("image-uuid")) {
    request.image_uuid = Uuid::parse(*image_uuid);
    if (!request.image_uuid) return bad_attribute("image-uuid");
  }
  request.wanted_ids.study = PACS_TRY(find_id(attributes, "study-id"));
  request.wanted_ids.series = PACS_TRY(find_id(attributes, "series-id"));
  request.wanted_ids.image = PACS_TRY(find_id(attributes, "image-id"));
  record.former_study_id = PACS_TRY(find_id(attributes, "former-study-id"));
  if (const std::string* mime_type = attributes.find("announced-mime-type")) {
    if (!request.image_uuid) return bad_attribute("image-uuid");
    record.was_announced = true;
    record.announced_mime_type = *mime_type;
  }
  return record;
}

index::UploadRecord upload_of(const BlobRecord& record, const index::ImageRecord& image) {
  const StoreRequest& request = record.request;
  index::UploadRecord upload{.id = 0, .key = {request.actor.id, *request.image_uuid}};
  upload.owner_name = request.actor.name;
  upload.order = request.order;
  upload.filename = request.filename;
  upload.file_size = static_cast<int64_t>(record.size_bytes);
  upload.mime_type = record.announced_mime_type;
  upload.checksum = record.sha256;
  upload.image_metadata = request.declared.json;
  upload.status = index::UploadStatus::binary_uploaded;
  upload.created_at = record.stored_at;
  upload.metadata_uploaded_at = record.stored_at;
  upload.binary_uploaded_at = record.stored_at;
  upload.image_id = image.id;
  upload.study_id = image.study_id;
  return upload;
}

}  // namespace pacs::archive
