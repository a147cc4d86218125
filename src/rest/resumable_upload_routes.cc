// Uploads in pieces by tus 1.0: core, creation, creation-with-upload, checksum, expiration,
// termination.
#include <utility>

#include "archive/resumable_uploads.h"
#include "archive/store_request.h"
#include "core/json_writer.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/problem.h"
#include "http/router.h"
#include "rest/image_receipt.h"
#include "rest/links.h"
#include "rest/offline_fields.h"
#include "rest/record_json.h"
#include "rest/routes.h"
#include "rest/store_fields.h"
#include "rest/tus_fields.h"
#include "rest/upload_json.h"

namespace pacs::rest {
namespace {

using access::Action;
using index::ResumableState;
using index::ResumableUpload;

constexpr std::string_view kUploadsPath = "/api/v1/radiology/uploads/";

// What a client mends by sending the piece again, as links and tus clients do every day.
bool is_about_the_piece(const Error& error) {
  return error.reason == "offset_mismatch" || error.reason == "upload_in_use" ||
         error.reason == "piece_checksum_mismatch" || error.reason == "piece_too_long";
}

// A tus client takes 409 for "ask for the offset and go on": whole bytes that the archive refuses
// for a conflict must not send it round in circles.
bool is_refusal_by_conflict(const Error& error) {
  return error.code == ErrorCode::conflict && !is_about_the_piece(error);
}

using AnswerFunction = Result<http::Response> (*)(RestServices&, http::Request&);

http::Handler answering_tus(RestServices& services, AnswerFunction function) {
  return [&services, function](http::Request& request, http::ResponseWriter& writer) {
    Result<http::Response> answer = function(services, request);
    if (!answer && is_refusal_by_conflict(answer.error())) {
      const Error& error = answer.error();
      answer = http::problem(http::Status::unprocessable_content, error.reason, error.detail,
                             request.request_id);
    }
    http::Response response = edge::response_to(std::move(answer), request);
    if (request.method != http::Method::options) {
      response.headers.set("Tus-Resumable", kTusVersion);
    }
    if (response.status == http::Status::precondition_failed) {
      response.headers.set("Tus-Version", kTusVersion);
    }
    writer.send(std::move(response));
  };
}

void add_offset(http::Response& response, const ResumableUpload& upload) {
  response.headers.set("Upload-Offset", std::to_string(upload.durable_bytes));
  if (upload.state == ResumableState::open) {
    response.headers.set("Upload-Expires", to_http_date(upload.expires_at));
  }
}

Result<archive::StoreRequest> store_request_of(const edge::Caller& caller,
                                               const ResumableUpload& upload) {
  BodyFields fields = PACS_TRY(parse_upload_metadata(upload.metadata));
  archive::StoreRequest store = PACS_TRY(read_store_request(caller, fields, {}));
  store.declared_size_bytes = static_cast<uint64_t>(upload.size_bytes);
  return store;
}

std::string_view status_of(const ResumableUpload& upload) {
  switch (upload.state) {
    case ResumableState::open:
      return "UPLOADING";
    case ResumableState::stored:
      return "STORED";
    case ResumableState::failed:
      return "FAILED";
  }
  return "";
}

// The image as whoever sent it is told, and the receipt when there is one.
Result<void> write_outcome(RestServices& services, const edge::Caller& caller,
                           const ResumableUpload& upload, const archive::StoreRequest& store,
                           JsonWriter& writer) {
  const auto image = PACS_TRY(services.resumable_uploads.image_of(upload));
  std::optional<index::UploadRecord> announced;
  if (image && upload.announced_uuid) {
    announced = PACS_TRY(services.uploads.find(
        caller.scope, {.owner = upload.owner, .image_uuid = *upload.announced_uuid}));
  }
  std::string receipt = "null";
  writer.key("image");
  if (!image) {
    writer.null();
  } else {
    StoredUpload stored{.image_uuid = store.image_uuid,
                        .order = store.order,
                        .image_metadata = store.declared.json,
                        .uploaded_by_name = image->attributes.uploader_name};
    if (announced) stored = stored_upload(*announced);
    writer.begin_object();
    write_stored_image_members(writer, *image, stored);
    writer.end_object();
    if (!upload.announced_uuid) receipt = image_receipt(services, *image, store.image_uuid);
    if (announced && !announced->receipt.empty()) receipt = announced->receipt;
  }
  writer.key("receipt");
  writer.raw(receipt);
  return {};
}

Result<http::Response> upload_answer(RestServices& services, const edge::Caller& caller,
                                     http::Status status, const ResumableUpload& upload) {
  const archive::StoreRequest store = PACS_TRY(store_request_of(caller, upload));
  JsonWriter writer;
  writer.begin_object();
  writer.member("id", upload.id);
  writer.member("status", status_of(upload));
  writer.member("offset", upload.durable_bytes);
  writer.member("length", upload.size_bytes);
  writer.key("image_uuid");
  if (store.image_uuid) {
    writer.string(store.image_uuid->str());
  } else {
    writer.null();
  }
  writer.member("error_code", upload.error_code);
  writer.member("failure_reason", upload.failure_reason);
  write_time(writer, "created_at", upload.created_at);
  write_time(writer, "expires_at", upload.expires_at);
  PACS_TRY(write_outcome(services, caller, upload, store, writer));
  writer.end_object();
  http::Response response = http::json(status, writer.take());
  add_offset(response, upload);
  return response;
}

Result<ResumableUpload> append(RestServices& services, const edge::Caller& caller,
                               http::Request& request, const ResumableUpload& upload,
                               uint64_t offset) {
  archive::Piece piece;
  piece.upload_id = upload.id;
  piece.offset = offset;
  piece.length = request.content_length;
  piece.digest = PACS_TRY(read_piece_digest(request));
  piece.store = PACS_TRY(store_request_of(caller, upload));
  piece.break_off = request.break_off_body;
  auto appended = services.resumable_uploads.append(caller.actor, std::move(piece), request.body());
  if (!appended && archive::is_clients_fault(appended.error()) &&
      !is_about_the_piece(appended.error())) {
    count_refusal(services, appended.error());
  }
  return appended;
}

// Without an answer no client knows where to go on, so nothing of a creation that failed stays.
Result<ResumableUpload> append_first(RestServices& services, const edge::Caller& caller,
                                     http::Request& request, const ResumableUpload& upload) {
  auto appended = append(services, caller, request, upload, 0);
  if (!appended) {
    // What cannot be removed now expires.
    static_cast<void>(services.resumable_uploads.remove(caller.actor, upload.id));
  }
  return appended;
}

Result<http::Response> create(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  PACS_TRY(check_tus_version(request));
  if (request.headers.contains("Upload-Defer-Length") ||
      request.headers.contains("Upload-Concat")) {
    return invalid_argument("bad_header",
                            "the length must be known at the beginning, and uploads are not put "
                            "together: send Upload-Length alone");
  }
  const bool has_piece = request.has_body && request.content_length != uint64_t{0};
  if (has_piece) {
    PACS_TRY(check_piece_type(request));
    PACS_TRY(read_piece_digest(request));
  }
  archive::NewUpload wanted;
  wanted.size_bytes = PACS_TRY(read_number_header(request, "Upload-Length"));
  wanted.metadata = request.headers.joined("Upload-Metadata").value_or("");
  BodyFields fields = PACS_TRY(parse_upload_metadata(wanted.metadata));
  const archive::StoreRequest store = PACS_TRY(read_store_request(caller, fields, {}));
  fields.warn_of_unknown(request);
  if (store.declared_size_bytes && *store.declared_size_bytes != wanted.size_bytes) {
    return invalid_argument("size_mismatch", "Upload-Length is not the file_size in the metadata");
  }
  wanted.image_uuid = store.image_uuid;
  ResumableUpload upload = PACS_TRY(services.resumable_uploads.create(caller.actor, wanted));
  if (has_piece) upload = PACS_TRY(append_first(services, caller, request, upload));
  auto response = PACS_TRY(upload_answer(services, caller, http::Status::created, upload));
  response.headers.set("Location", edge::public_base(services.edge, request) +
                                       std::string(kUploadsPath) + upload.id + "/");
  return response;
}

Result<http::Response> show_offset(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  const bool is_head = request.method == http::Method::head;
  if (is_head) PACS_TRY(check_tus_version(request));
  const ResumableUpload upload =
      PACS_TRY(services.resumable_uploads.find(caller.actor, request.path_parameter("id")));
  if (is_head && upload.state == ResumableState::failed) {
    return invalid_argument("upload_failed", upload.failure_reason);
  }
  auto response = PACS_TRY(upload_answer(services, caller, http::Status::ok, upload));
  response.headers.set("Upload-Length", std::to_string(upload.size_bytes));
  if (!upload.metadata.empty()) response.headers.set("Upload-Metadata", upload.metadata);
  return response;
}

Result<http::Response> patch(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  PACS_TRY(check_tus_version(request));
  PACS_TRY(check_piece_type(request));
  const uint64_t offset = PACS_TRY(read_number_header(request, "Upload-Offset"));
  ResumableUpload upload =
      PACS_TRY(services.resumable_uploads.get(caller.actor, request.path_parameter("id")));
  upload = PACS_TRY(append(services, caller, request, upload, offset));
  http::Response response = http::empty(http::Status::no_content);
  add_offset(response, upload);
  return response;
}

Result<http::Response> terminate(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  PACS_TRY(check_tus_version(request));
  PACS_TRY(services.resumable_uploads.remove(caller.actor, request.path_parameter("id")));
  return http::empty(http::Status::no_content);
}

// For clients that can send nothing but GET and POST.
Result<http::Response> override_method(RestServices& services, http::Request& request) {
  const auto method = request.headers.find("X-HTTP-Method-Override");
  if (method == "PATCH") return patch(services, request);
  if (method == "DELETE") return terminate(services, request);
  PACS_TRY(authorise(services.edge, request, Action::upload));
  return unsupported("method_not_allowed",
                     "POST stands here for the method that X-HTTP-Method-Override names: PATCH or "
                     "DELETE");
}

Result<http::Response> tell_abilities(RestServices& services, http::Request& /*request*/) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("version", kTusVersion);
  writer.member("extensions", kTusExtensions);
  writer.member("checksum_algorithms", kTusChecksums);
  writer.member("max_size", services.settings.image_bytes_max);
  writer.end_object();
  http::Response response = http::json(http::Status::ok, writer.take());
  response.headers.set("Tus-Version", kTusVersion);
  response.headers.set("Tus-Extension", kTusExtensions);
  response.headers.set("Tus-Checksum-Algorithm", kTusChecksums);
  response.headers.set("Tus-Max-Size", std::to_string(services.settings.image_bytes_max));
  return response;
}

}  // namespace

void add_resumable_upload_routes(http::Router& router, RestServices& services) {
  using http::Method;
  const std::string all(kUploadsPath);
  const std::string one = all + "{id}/";
  const http::RouteOptions piece{.body_bytes_max = services.settings.image_bytes_max};
  router.add(Method::options, all, answering_tus(services, tell_abilities));
  router.add(Method::post, all, answering_tus(services, create), piece);
  router.add(Method::options, one, answering_tus(services, tell_abilities));
  router.add(Method::get, one, answering_tus(services, show_offset));
  router.add(Method::patch, one, answering_tus(services, patch), piece);
  router.add(Method::post, one, answering_tus(services, override_method), piece);
  router.add(Method::delete_, one, answering_tus(services, terminate));
}

}  // namespace pacs::rest
