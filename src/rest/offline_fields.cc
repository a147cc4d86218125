#include "rest/offline_fields.h"

#include <utility>

#include "core/metrics.h"
#include "rest/query_fields.h"

namespace pacs::rest {

Result<archive::Announcement> read_announcement(const RestServices& services, BodyFields& fields) {
  auto image_uuid = PACS_TRY(fields.get_uuid("image_uuid"));
  auto filename = PACS_TRY(fields.find_text("filename", kFilenameBytesMax));
  const int64_t file_size = PACS_TRY(fields.get_integer("file_size", 1));
  auto mime_type = PACS_TRY(fields.find_text("mime_type", kMimeTypeBytesMax));
  const Sha256Digest checksum = PACS_TRY(fields.get_sha256("checksum"));
  const JsonValue metadata = PACS_TRY(fields.find_object("image_metadata"));
  auto declared = PACS_TRY(archive::DeclaredMetadata::from_json(metadata));
  archive::Announcement announcement{.image_uuid = std::move(image_uuid),
                                     .order = {},
                                     .filename = std::move(filename).value_or(""),
                                     .file_size = file_size,
                                     .mime_type = std::move(mime_type).value_or(""),
                                     .checksum = checksum,
                                     .declared = std::move(declared),
                                     .session_id = {},
                                     .sequence_number = {}};
  if (static_cast<uint64_t>(announcement.file_size) > services.settings.image_bytes_max) {
    return resource_exhausted("too_large", "file_size: this archive takes images of at most " +
                                               std::to_string(services.settings.image_bytes_max) +
                                               " bytes");
  }
  return announcement;
}

Result<Uuid> read_image_uuid(const http::Request& request, BodyFields& fields) {
  auto of_field = PACS_TRY(fields.find_uuid("image_uuid"));
  QueryFields query(request);
  const auto text = PACS_TRY(query.find_text("image_uuid"));
  auto of_query = text ? Uuid::parse(*text) : std::nullopt;
  if (text && !of_query) return bad_field("image_uuid", "must be a UUID");
  if (of_field && of_query && *of_field != *of_query) {
    return bad_field("image_uuid", "of the form is not that of the query");
  }
  if (of_field) return std::move(*of_field);
  if (of_query) return std::move(*of_query);
  return invalid_argument("missing_field",
                          "image_uuid is required: in a form before the file, or in the query");
}

void count_refusal(const RestServices& services, const Error& error) {
  services.metrics
      .counter("pacs_lite_uploads_refused_total", "Uploads that were not stored, by reason.",
               {{"reason", error.reason}})
      .add();
}

}  // namespace pacs::rest
