// Offline uploads and their sessions as the API shows them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/json_writer.h"
#include "index/image_record.h"
#include "index/upload_record.h"
#include "index/upload_session_record.h"

namespace pacs::rest {

// How often a client's status page shows a retry as worth it. A figure for people: the server
// itself accepts any number.
inline constexpr int64_t kUploadRetriesMax = 10;

// Whole objects.
void write_upload(JsonWriter& writer, const index::UploadRecord& upload);
void write_upload_item(JsonWriter& writer, const index::UploadRecord& upload);
void write_session(JsonWriter& writer, const index::UploadSessionRecord& session,
                   const std::vector<index::UploadRecord>& items);
// An entry of the status page.
void write_upload_status(JsonWriter& writer, const index::UploadRecord& upload);

// An image as whoever has just stored it is told.
struct StoredUpload {
  std::optional<Uuid> image_uuid;
  std::optional<index::OrderReference> order;
  std::string_view image_metadata;  // JSON text
  std::string_view uploaded_by_name;
};
[[nodiscard]] StoredUpload stored_upload(const index::UploadRecord& upload);

// The members, into an object that is open.
void write_stored_image_members(JsonWriter& writer, const index::ImageRecord& image,
                                const StoredUpload& stored);

}  // namespace pacs::rest
