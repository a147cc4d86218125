#include "rest/record_json.h"

#include "core/text.h"

namespace pacs::rest {

void write_order(JsonWriter& writer, const std::optional<index::OrderReference>& order) {
  std::optional<int64_t> order_id;
  std::optional<int64_t> request_id;
  if (order) {
    (order->kind == index::OrderKind::radiology_order ? order_id : request_id) = order->value;
  }
  writer.member("radiology_order_id", order_id);
  writer.member("radiology_request_id", request_id);
}

void write_time(JsonWriter& writer, std::string_view name, std::optional<UnixMillis> time) {
  writer.key(name);
  if (time) {
    writer.string(to_rfc3339(*time));
  } else {
    writer.null();
  }
}

void write_text_or_null(JsonWriter& writer, std::string_view name, std::string_view text) {
  writer.key(name);
  if (text.empty()) {
    writer.null();
  } else {
    writer.string(text);
  }
}

std::string_view pixels_of(const index::StudyRecord& study) {
  if (study.pending_count == 0) return "available";
  return study.image_count == 0 ? "pending" : "partial";
}

void write_study(JsonWriter& writer, const index::StudyRecord& study) {
  const index::StudyAttributes& attributes = study.attributes;
  writer.begin_object();
  writer.member("id", study.id);
  writer.member("study_uid", study.study_uid.str());
  write_order(writer, study.order);
  writer.member("study_description", attributes.description);
  writer.member("description", attributes.description);
  writer.member("modality", study.modality);
  write_text_or_null(writer, "study_date", attributes.study_date);
  write_text_or_null(writer, "study_time", attributes.study_time);
  writer.member("patient_name", attributes.patient_name);
  writer.member("patient_id", attributes.patient_id);
  write_text_or_null(writer, "patient_birth_date", attributes.patient_birth_date);
  writer.member("patient_sex", attributes.patient_sex);
  writer.member("accession_number", attributes.accession_number);
  writer.member("referring_physician", attributes.referring_physician);
  writer.member("series_count", study.series_count);
  writer.member("image_count", study.image_count);
  writer.member("pending_count", study.pending_count);
  writer.member("size_bytes", study.size_bytes);
  writer.member("pixels", pixels_of(study));
  write_time(writer, "created_at", study.created_at);
  write_time(writer, "updated_at", study.updated_at);
  writer.end_object();
}

void write_series_members(JsonWriter& writer, const index::SeriesRecord& series) {
  writer.member("id", series.id);
  writer.member("series_uid", series.series_uid.str());
  writer.member("series_number", series.attributes.number);
  writer.member("series_description", series.attributes.description);
  writer.member("description", series.attributes.description);
  writer.member("modality", series.attributes.modality);
  writer.member("body_part", series.attributes.body_part);
  writer.member("image_count", series.image_count);
}

namespace {

Result<void> write_image_members(JsonWriter& writer, const index::ImageRecord& image,
                                 const Links& links) {
  const index::ImageAttributes& attributes = image.attributes;
  writer.member("id", image.id);
  writer.member("image_uid", image.image_uid.str());
  writer.member("series", image.series_id);
  writer.member("series_uid", image.series_uid.str());
  writer.member("study", image.study_id);
  writer.member("study_uid", image.study_uid.str());
  writer.member("filename", attributes.filename);
  writer.member("file_key", attributes.key.str());
  writer.member("file_size", attributes.size_bytes);
  writer.member("mime_type", attributes.mime_type);
  writer.member("checksum", attributes.sha256.hex());
  writer.member("instance_number", attributes.instance_number);
  write_text_or_null(writer, "transfer_syntax", attributes.transfer_syntax);
  write_text_or_null(writer, "sop_class_uid", attributes.sop_class_uid);
  writer.member("rows", attributes.rows);
  writer.member("columns", attributes.columns);
  writer.member("frames", attributes.frames);
  writer.member("pixels", "available");
  writer.member("image_url", PACS_TRY(links.image_url(image)));
  writer.member("thumbnail_url", PACS_TRY(links.thumbnail_url(image)));
  writer.member("uploaded_by_name", attributes.uploader_name);
  write_time(writer, "uploaded_at", attributes.stored_at);
  return {};
}

}  // namespace

Result<void> write_image(JsonWriter& writer, const index::ImageRecord& image, const Links& links) {
  writer.begin_object();
  PACS_TRY(write_image_members(writer, image, links));
  writer.end_object();
  return {};
}

Result<void> write_image_record(JsonWriter& writer, const index::ImageRecord& image,
                                const Links& links, std::optional<UnixMillis> verified_at) {
  writer.begin_object();
  PACS_TRY(write_image_members(writer, image, links));
  write_time(writer, "verified_at", verified_at);
  writer.end_object();
  return {};
}

}  // namespace pacs::rest
