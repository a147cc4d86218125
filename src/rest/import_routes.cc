// Taking over images that another application had, with the ids that it gave them: for
// administrators.
#include <optional>
#include <string>
#include <utility>

#include "archive/store.h"
#include "archive/store_request.h"
#include "core/json_writer.h"
#include "core/object_key.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "rest/offline_fields.h"
#include "rest/routes.h"
#include "rest/store_fields.h"
#include "rest/upload_form.h"
#include "rest/upload_json.h"

namespace pacs::rest {
namespace {

using index::WantedIds;

// A record of the other application's export: the fields of an upload, its ids, its uploader.
Result<archive::StoreRequest> read_record(const edge::Caller& caller, BodyFields& fields,
                                          const std::string& part_filename) {
  archive::StoreRequest store = PACS_TRY(read_store_request(caller, fields, part_filename));
  store.wanted_ids.image = PACS_TRY(fields.find_integer("id", 1, WantedIds::kWantedIdMax));
  store.wanted_ids.series = PACS_TRY(fields.find_integer("series_id", 1, WantedIds::kWantedIdMax));
  store.wanted_ids.study = PACS_TRY(fields.find_integer("study_id", 1, WantedIds::kWantedIdMax));
  const auto uploader =
      PACS_TRY(fields.find_text("uploaded_by_name", archive::DeclaredMetadata::kTextBytesMax));
  if (uploader && !uploader->empty()) store.actor.name = *uploader;
  return store;
}

Result<std::optional<ObjectKey>> find_key(BodyFields& fields) {
  const auto text = PACS_TRY(fields.find_text("file_key", ObjectKey::kSizeBytesMax));
  if (!text) return std::optional<ObjectKey>();
  auto key = ObjectKey::parse(*text);
  if (!key) {
    return bad_field("file_key",
                     "must be radiology/STUDY_UID/SERIES_UID/IMAGE_UID/FILENAME, below MEDIA_ROOT");
  }
  return key;
}

Result<http::Response> imported_answer(const RestServices& services,
                                       const archive::StoreRequest& store,
                                       const Result<archive::StoreOutcome>& outcome) {
  if (!outcome) {
    count_refusal(services, outcome.error());
    return outcome.error();
  }
  const index::ImageRecord& image = outcome->image;
  const bool is_new = outcome->kind == archive::StoreOutcome::Kind::stored;
  JsonWriter writer;
  writer.begin_object();
  write_stored_image_members(writer, image,
                             {.image_uuid = store.image_uuid,
                              .order = outcome->order,
                              .image_metadata = store.declared.json,
                              .uploaded_by_name = image.attributes.uploader_name});
  writer.member("study_id", image.study_id);
  writer.member("series_id", image.series_id);
  writer.member("outcome", is_new ? "stored" : "existed");
  writer.end_object();
  return http::json(is_new ? http::Status::created : http::Status::ok, writer.take());
}

// The bytes come along: `record` (JSON text), then `file`.
Result<http::Response> import_bytes(RestServices& services, const edge::Caller& caller,
                                    http::Request& request) {
  UploadForm form = PACS_TRY(UploadForm::open(request, {"record"}));
  BodyFields record(PACS_TRY(form.fields().find_object("record")), BodyFields::Source::json);
  form.fields().warn_of_unknown(request);
  auto store = PACS_TRY(read_record(caller, record, form.filename()));
  store.wanted_key = PACS_TRY(find_key(record));
  record.warn_of_unknown(request);
  return imported_answer(services, store, services.store.store(store, form));
}

// The bytes lie under their key already: a tree that is adopted in place.
Result<http::Response> adopt(RestServices& services, const edge::Caller& caller,
                             http::Request& request) {
  BodyFields record = PACS_TRY(BodyFields::read_json(request));
  const auto key = PACS_TRY(find_key(record));
  if (!key) return missing_field("file_key");
  const auto store = PACS_TRY(read_record(caller, record, {}));
  record.warn_of_unknown(request);
  return imported_answer(services, store, services.store.adopt(store, *key));
}

Result<http::Response> import_image(RestServices& services, http::Request& request) {
  const edge::Caller caller =
      PACS_TRY(authorise(services.edge, request, access::Action::administer));
  return is_form(request) ? import_bytes(services, caller, request)
                          : adopt(services, caller, request);
}

}  // namespace

void add_import_routes(http::Router& router, RestServices& services) {
  router.add(http::Method::post, "/api/v1/archive/import/", edge::answering(services, import_image),
             {.body_bytes_max = services.settings.image_bytes_max + UploadForm::kOverheadBytesMax});
}

}  // namespace pacs::rest
