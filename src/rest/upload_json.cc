#include "rest/upload_json.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "rest/record_json.h"

namespace pacs::rest {
namespace {

using index::UploadRecord;
using index::UploadStatus;

std::string_view label_of(UploadStatus status) {
  switch (status) {
    case UploadStatus::metadata_uploaded:
      return "Waiting for the image";
    case UploadStatus::binary_uploaded:
      return "Stored, not acknowledged yet";
    case UploadStatus::ack_received:
      return "Acknowledged";
    case UploadStatus::failed:
      return "Failed";
  }
  return "Failed";
}

bool has_bytes(const UploadRecord& upload) { return upload.binary_uploaded_at.has_value(); }

UnixMillis last_change_of(const UploadRecord& upload) {
  return std::max({upload.created_at, upload.metadata_uploaded_at,
                   upload.binary_uploaded_at.value_or(0), upload.ack_received_at.value_or(0)});
}

// The JSON text that the client declared; ours to check when it came, so it is JSON.
void write_declared(JsonWriter& writer, std::string_view name, std::string_view json) {
  writer.key(name);
  writer.raw(json.empty() ? std::string_view("{}") : json);
}

double percentage(int64_t part, int64_t whole) {
  if (whole <= 0) return 0;
  const double share = static_cast<double>(part) / static_cast<double>(whole);
  return std::round(std::min(1.0, share) * 10'000.0) / 100.0;  // two decimals
}

}  // namespace

void write_upload(JsonWriter& writer, const UploadRecord& upload) {
  writer.begin_object();
  writer.member("id", upload.id);
  writer.member("image_uuid", upload.key.image_uuid.str());
  write_order(writer, upload.order);
  writer.member("filename", upload.filename);
  writer.member("file_size", upload.file_size);
  writer.member("mime_type", upload.mime_type);
  writer.member("checksum", upload.checksum.hex());
  write_declared(writer, "image_metadata", upload.image_metadata);
  writer.member("session", upload.session_id);
  writer.member("sequence_number", upload.sequence_number);
  writer.member("status", index::to_string(upload.status));
  writer.member("retry_count", upload.retry_count);
  writer.member("failure_reason", upload.failure_reason);
  writer.member("error_code", upload.error_code);
  writer.member("image_id", upload.image_id);
  write_time(writer, "created_at", upload.created_at);
  write_time(writer, "metadata_uploaded_at", upload.metadata_uploaded_at);
  write_time(writer, "binary_uploaded_at", upload.binary_uploaded_at);
  write_time(writer, "ack_received_at", upload.ack_received_at);
  writer.key("receipt");
  if (upload.receipt.empty()) {
    writer.null();
  } else {
    writer.raw(upload.receipt);
  }
  writer.end_object();
}

StoredUpload stored_upload(const UploadRecord& upload) {
  return {.image_uuid = upload.key.image_uuid,
          .order = upload.order,
          .image_metadata = upload.image_metadata,
          .uploaded_by_name = upload.owner_name};
}

void write_stored_image_members(JsonWriter& writer, const index::ImageRecord& image,
                                const StoredUpload& stored) {
  const index::ImageAttributes& attributes = image.attributes;
  writer.member("id", image.id);
  writer.member("image_uid", image.image_uid.str());
  writer.key("image_uuid");
  if (stored.image_uuid) {
    writer.string(stored.image_uuid->str());
  } else {
    writer.null();
  }
  writer.member("study_uid", image.study_uid.str());
  writer.member("series_uid", image.series_uid.str());
  write_order(writer, stored.order);
  writer.member("filename", attributes.filename);
  writer.member("file_key", attributes.key.str());
  writer.member("file_size", attributes.size_bytes);
  writer.member("mime_type", attributes.mime_type);
  writer.member("checksum", attributes.sha256.hex());
  write_declared(writer, "image_metadata", stored.image_metadata);
  writer.member("instance_number", attributes.instance_number);
  writer.member("uploaded_by_name", std::string(stored.uploaded_by_name));
  write_time(writer, "uploaded_at", attributes.stored_at);
  // The bytes were hashed and compared before they were stored: there is no second check to wait
  // for.
  write_time(writer, "validated_at", attributes.stored_at);
}

void write_upload_item(JsonWriter& writer, const UploadRecord& upload) {
  writer.begin_object();
  writer.member("id", upload.id);
  writer.member("sequence_number", upload.sequence_number);
  writer.member("upload_status", index::to_string(upload.status));
  writer.member("error_message", upload.failure_reason);
  writer.member("metadata_uuid", upload.key.image_uuid.str());
  writer.member("metadata_status", index::to_string(upload.status));
  writer.member("server_image_id", upload.image_id);
  write_time(writer, "created_at", upload.created_at);
  write_time(writer, "updated_at", last_change_of(upload));
  write_time(writer, "metadata_uploaded_at", upload.metadata_uploaded_at);
  write_time(writer, "binary_uploaded_at", upload.binary_uploaded_at);
  write_time(writer, "ack_received_at", upload.ack_received_at);
  writer.end_object();
}

void write_session(JsonWriter& writer, const index::UploadSessionRecord& session,
                   const std::vector<UploadRecord>& items) {
  writer.begin_object();
  writer.member("id", session.id);
  writer.member("session_uuid", session.session_uuid.str());
  write_order(writer, session.order);
  writer.member("device_id", session.device_id);
  write_declared(writer, "device_info", session.device_info);
  writer.member("status", index::to_string(session.status));
  writer.member("total_images", session.total_images);
  writer.member("images_uploaded", session.images_uploaded);
  writer.member("images_failed", session.images_failed);
  writer.member("progress_percentage", percentage(session.images_uploaded, session.total_images));
  writer.member("is_complete", session.status == index::SessionStatus::synced);
  writer.member("error_message", session.error_message);
  write_time(writer, "created_at", session.created_at);
  write_time(writer, "started_at", session.started_at);
  write_time(writer, "completed_at", session.completed_at);
  writer.member("created_by_name", session.created_by_name);
  writer.key("upload_items");
  writer.begin_array();
  for (const UploadRecord& item : items) write_upload_item(writer, item);
  writer.end_array();
  writer.end_object();
}

void write_upload_status(JsonWriter& writer, const UploadRecord& upload) {
  const bool stored = has_bytes(upload);
  writer.begin_object();
  writer.member("session_id", upload.key.image_uuid.str());
  write_order(writer, upload.order);
  writer.member("file_name", upload.filename);
  writer.member("file_size", upload.file_size);
  writer.member("content_type", upload.mime_type);
  writer.member("status", index::to_string(upload.status));
  writer.member("status_display", label_of(upload.status));
  writer.member("bytes_uploaded", stored ? upload.file_size : int64_t{0});
  writer.member("upload_progress_percent", stored ? 100.0 : 0.0);
  writer.member("retry_count", upload.retry_count);
  writer.member("max_retries", kUploadRetriesMax);
  writer.member("error_message", upload.failure_reason);
  writer.member("error_code", upload.error_code);
  writer.member("server_image_id", upload.image_id);
  writer.member("metadata_uploaded", true);
  write_time(writer, "metadata_uploaded_at", upload.metadata_uploaded_at);
  writer.member("binary_uploaded", stored);
  write_time(writer, "binary_uploaded_at", upload.binary_uploaded_at);
  writer.member("server_ack_received", upload.ack_received_at.has_value());
  write_time(writer, "server_ack_received_at", upload.ack_received_at);
  write_time(writer, "server_ack_at", upload.ack_received_at);
  writer.member("actor_name", upload.owner_name);
  write_time(writer, "created_at", upload.created_at);
  write_time(writer, "updated_at", last_change_of(upload));
  write_declared(writer, "metadata", upload.image_metadata);
  writer.end_object();
}

}  // namespace pacs::rest
