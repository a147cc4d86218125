// POST images/: fields and bytes in one request, for clients with a good link.
#include <set>
#include <string>
#include <utility>

#include "archive/store.h"
#include "archive/store_request.h"
#include "core/json_writer.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/media_type.h"
#include "http/router.h"
#include "rest/image_receipt.h"
#include "rest/offline_fields.h"
#include "rest/routes.h"
#include "rest/store_fields.h"
#include "rest/upload_form.h"
#include "rest/upload_json.h"

namespace pacs::rest {
namespace {

// Whatever a client calls a file; what is plainly not one is refused before its body is read.
bool may_be_an_image(const http::Request& request) {
  const auto field = request.headers.find("Content-Type");
  if (!field) return true;
  const auto type = http::parse_media_type(*field);
  if (!type) return false;
  return type->type == "image" || type->essence() == "application/dicom" ||
         type->essence() == "application/pdf" || type->essence() == "application/octet-stream";
}

http::Response stored_answer(const RestServices& services, const archive::StoreRequest& store,
                             const archive::StoreOutcome& outcome) {
  const index::ImageRecord& image = outcome.image;
  const StoredUpload stored{.image_uuid = store.image_uuid,
                            .order = outcome.order,
                            .image_metadata = store.declared.json,
                            .uploaded_by_name = image.attributes.uploader_name};
  JsonWriter writer;
  writer.begin_object();
  write_stored_image_members(writer, image, stored);
  writer.key("receipt");
  writer.raw(image_receipt(services, image, store.image_uuid));
  writer.end_object();
  const bool is_new = outcome.kind == archive::StoreOutcome::Kind::stored;
  return http::json(is_new ? http::Status::created : http::Status::ok, writer.take());
}

Result<http::Response> store_from(RestServices& services, const edge::Caller& caller,
                                  const http::Request& request, BodyFields& fields,
                                  const std::string& part_filename, ByteSource& body) {
  const archive::StoreRequest store = PACS_TRY(read_store_request(caller, fields, part_filename));
  fields.warn_of_unknown(request);
  const auto outcome = services.store.store(store, body);
  if (!outcome) {
    count_refusal(services, outcome.error());
    return outcome.error();
  }
  return stored_answer(services, store, *outcome);
}

// The fields of a bare body stand in the query.
Result<BodyFields> fields_of_query(const http::Request& request) {
  std::set<std::string, std::less<>> names;
  JsonWriter writer;
  writer.begin_object();
  for (const auto& [name, value] : request.query) {
    if (!names.insert(name).second) {
      return invalid_argument("repeated_field", "a parameter was sent more than once");
    }
    writer.member(name, value);
  }
  writer.end_object();
  return BodyFields(PACS_TRY(JsonValue::parse(writer.take())), BodyFields::Source::form);
}

Result<http::Response> upload(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, access::Action::upload));
  if (is_form(request)) {
    UploadForm form = PACS_TRY(UploadForm::open(request, store_field_names()));
    return store_from(services, caller, request, form.fields(), form.filename(), form);
  }
  if (!may_be_an_image(request)) {
    return unsupported("unsupported_media_type",
                       "this path takes a DICOM, JPEG, PNG or PDF file as its body, or "
                       "multipart/form-data with fields and a part named file");
  }
  BodyFields fields = PACS_TRY(fields_of_query(request));
  return store_from(services, caller, request, fields, {}, request.body());
}

}  // namespace

void add_one_step_upload_route(http::Router& router, RestServices& services) {
  router.add(http::Method::post, "/api/v1/radiology/images/", edge::answering(services, upload),
             {.body_bytes_max = services.settings.image_bytes_max + UploadForm::kOverheadBytesMax});
}

}  // namespace pacs::rest
