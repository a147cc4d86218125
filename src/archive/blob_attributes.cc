#include "archive/blob_attributes.h"

#include <string>

#include "core/clock.h"
#include "core/text.h"

namespace pacs::archive {
namespace {

std::string without_zero_bytes(std::string text) {
  std::erase(text, '\0');
  return text;
}

Result<void> set_unless_empty(storage::BlobAttributes& attributes, std::string_view name,
                              const std::string& value) {
  if (value.empty()) return {};
  return attributes.set(name, value);
}

}  // namespace

Result<void> set_ids(storage::BlobAttributes& attributes, const index::ReservedIds& ids) {
  PACS_TRY(attributes.set("study-id", std::to_string(ids.study)));
  PACS_TRY(attributes.set("series-id", std::to_string(ids.series)));
  return attributes.set("image-id", std::to_string(ids.image));
}

Result<storage::BlobAttributes> blob_attributes(const index::Ingest& ingest,
                                                const StoreRequest& request) {
  storage::BlobAttributes attributes;
  PACS_TRY(attributes.set("study-uid", ingest.study_uid.str()));
  PACS_TRY(attributes.set("series-uid", ingest.series_uid.str()));
  PACS_TRY(attributes.set("image-uid", ingest.image_uid.str()));
  PACS_TRY(attributes.set("sha256", ingest.image.sha256.hex()));
  PACS_TRY(attributes.set("size", std::to_string(ingest.image.size_bytes)));
  PACS_TRY(attributes.set("mime-type", ingest.image.mime_type));
  PACS_TRY(attributes.set("stored-at", to_rfc3339(ingest.image.stored_at)));
  PACS_TRY(set_unless_empty(attributes, "filename",
                            replace_invalid_utf8(without_zero_bytes(request.filename))));
  PACS_TRY(set_unless_empty(attributes, "owner", ingest.image.owner));
  PACS_TRY(set_unless_empty(attributes, "uploader", ingest.image.uploader_name));
  if (ingest.order) PACS_TRY(attributes.set("order", to_string(*ingest.order)));
  if (ingest.upload) {
    PACS_TRY(attributes.set("image-uuid", ingest.upload->image_uuid.str()));
    PACS_TRY(attributes.set("announced-mime-type", request.announced_mime_type));
  }
  if (request.image_uuid) PACS_TRY(attributes.set("image-uuid", request.image_uuid->str()));
  const index::ReservedIds& ids = ingest.reserved_ids;
  PACS_TRY(set_ids(attributes, ids));
  // A number that others know the study by, where it has another.
  const auto wanted_study = ingest.wanted_ids.study;
  if (wanted_study && *wanted_study != ids.study) {
    PACS_TRY(attributes.set("former-study-id", std::to_string(*wanted_study)));
  }
  if (request.declared.json != "{}") {
    PACS_TRY(attributes.set("declared", request.declared.json));
  }
  return attributes;
}

}  // namespace pacs::archive
