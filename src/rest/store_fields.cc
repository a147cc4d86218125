#include "rest/store_fields.h"

#include <array>
#include <utility>

#include "archive/store_request.h"
#include "core/json_writer.h"
#include "rest/offline_fields.h"

namespace pacs::rest {
namespace {

// What may be declared of an image, one by one or within image_metadata.
constexpr std::array<std::string_view, 12> kMetadataNames = {
    "study_uid",          "series_uid",    "image_uid",       "modality",
    "patient_name",       "patient_id",    "study_date",      "study_description",
    "series_description", "series_number", "instance_number", "body_part"};

Result<archive::DeclaredMetadata> read_declared(BodyFields& fields) {
  const JsonValue metadata = PACS_TRY(fields.find_object("image_metadata"));
  JsonWriter writer;
  writer.begin_object();
  for (const std::string_view name : kMetadataNames) {
    const JsonValue* value = fields.find_any(name);
    if (value == nullptr) continue;
    writer.key(name);
    writer.raw(value->to_json());
  }
  if (const JsonValue::Object* members = metadata.as_object()) {
    for (const auto& [name, value] : *members) {
      if (fields.find_any(name) != nullptr) {
        return bad_field(name, "stands in image_metadata too: send it once");
      }
      writer.key(name);
      writer.raw(value.to_json());
    }
  }
  writer.end_object();
  return archive::DeclaredMetadata::from_json(PACS_TRY(JsonValue::parse(writer.take())));
}

}  // namespace

Result<archive::StoreRequest> read_store_request(const edge::Caller& caller, BodyFields& fields,
                                                 const std::string& part_filename) {
  archive::StoreRequest store;
  store.actor = caller.actor;
  store.order = PACS_TRY(fields.find_order());
  store.image_uuid = PACS_TRY(fields.find_uuid("image_uuid"));
  store.filename =
      PACS_TRY(fields.find_text("filename", kFilenameBytesMax)).value_or(part_filename);
  store.declared_sha256 = PACS_TRY(fields.find_sha256("checksum"));
  if (const auto size = PACS_TRY(fields.find_integer("file_size", 1))) {
    store.declared_size_bytes = static_cast<uint64_t>(*size);
  }
  store.declared = PACS_TRY(read_declared(fields));
  return store;
}

const std::set<std::string, std::less<>>& store_field_names() {
  static const auto* const names = [] {
    auto* all = new std::set<std::string, std::less<>>{
        "radiology_order_id", "radiology_order", "radiology_request_id",
        "radiology_request",  "image_uuid",      "filename",
        "checksum",           "file_size",       "image_metadata"};
    all->insert(kMetadataNames.begin(), kMetadataNames.end());
    return all;
  }();
  return *names;
}

}  // namespace pacs::rest
