// The images of one exam from one device.
#include <algorithm>
#include <string>
#include <utility>

#include "archive/offline_uploads.h"
#include "core/json_writer.h"
#include "core/text.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "rest/offline_fields.h"
#include "rest/query_fields.h"
#include "rest/routes.h"
#include "rest/upload_form.h"
#include "rest/upload_json.h"
#include "rest/upload_lists.h"

namespace pacs::rest {
namespace {

using access::Action;
using index::UploadSessionRecord;

constexpr size_t kDeviceIdBytesMax = 255;
constexpr int64_t kSessionImagesMax = 1'000'000;  // an exam has at most some thousands

// In the order of the exam: by sequence number, those without one behind, as they were announced.
Result<std::vector<index::UploadRecord>> items_of(RestServices& services,
                                                  const edge::Caller& caller,
                                                  const UploadSessionRecord& session) {
  std::vector<index::UploadRecord> items;
  index::UploadQuery query;
  query.session_id = session.id;
  query.ordering = index::UploadQuery::Ordering::oldest_first;
  for (;;) {
    auto page = PACS_TRY(services.uploads.list(caller.scope, query));
    const bool is_last = page.size() < query.limit;
    if (!page.empty()) query.after_id = page.back().id;
    std::move(page.begin(), page.end(), std::back_inserter(items));
    if (is_last) break;
  }
  std::stable_sort(items.begin(), items.end(), [](const auto& left, const auto& right) {
    return left.sequence_number.value_or(INT64_MAX) < right.sequence_number.value_or(INT64_MAX);
  });
  return items;
}

// By number or session_uuid. `not_found` (reason "session").
Result<UploadSessionRecord> find_session(RestServices& services, const edge::Caller& caller,
                                         const std::string& id) {
  std::optional<UploadSessionRecord> found;
  if (const auto number = parse_unsigned(id); number && *number <= uint64_t{kIntegerMax}) {
    found = PACS_TRY(services.sessions.find(caller.scope, static_cast<int64_t>(*number)));
  } else if (auto uuid = Uuid::parse(id)) {
    index::SessionQuery query;
    query.session_uuid = std::move(uuid);
    auto sessions = PACS_TRY(services.sessions.list(caller.scope, query));
    const auto own = std::find_if(sessions.begin(), sessions.end(), [&](const auto& session) {
      return session.owner == caller.principal.id;
    });
    if (own != sessions.end()) {
      found = std::move(*own);
    } else if (!sessions.empty()) {
      found = std::move(sessions.front());
    }
  }
  if (!found) return not_found("no_such_session", "there is no such upload session");
  return std::move(*found);
}

Result<http::Response> session_answer(RestServices& services, const edge::Caller& caller,
                                      http::Status status, const UploadSessionRecord& session) {
  const auto items = PACS_TRY(items_of(services, caller, session));
  JsonWriter writer;
  write_session(writer, session, items);
  return http::json(status, writer.take());
}

Result<http::Response> create_session(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  BodyFields fields = PACS_TRY(BodyFields::read_json(request));
  auto session_uuid = PACS_TRY(fields.get_uuid("session_uuid"));
  auto order = PACS_TRY(fields.get_order());
  auto device_id = PACS_TRY(fields.find_text("device_id", kDeviceIdBytesMax));
  const auto total_images = PACS_TRY(fields.find_integer("total_images", 0, kSessionImagesMax));
  index::SessionRequest session{.owner = caller.principal.id,
                                .session_uuid = std::move(session_uuid),
                                .created_by_name = caller.principal.display_name,
                                .order = std::move(order),
                                .device_id = std::move(device_id).value_or(""),
                                .device_info = {},
                                .total_images = total_images.value_or(0)};
  const JsonValue device_info = PACS_TRY(fields.find_object("device_info"));
  if (!device_info.is_null()) session.device_info = device_info.to_json();
  fields.warn_of_unknown(request);
  const auto outcome = PACS_TRY(services.sessions.find_or_create(
      session, archive::audit_line(caller.actor, services.clock, "session.create")));
  const bool created = outcome.kind == index::SessionOutcome::Kind::created;
  return session_answer(services, caller, created ? http::Status::created : http::Status::ok,
                        outcome.session);
}

Result<http::Response> list_sessions(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::read_own_uploads));
  PACS_TRY(note_upload_read(services, caller));
  QueryFields fields(request);
  index::SessionQuery query;
  query.order = PACS_TRY(fields.find_order());
  query.before_id = PACS_TRY(fields.find_integer("before_id", 1, kIntegerMax));
  const auto limit = PACS_TRY(
      fields.find_integer("limit", 1, static_cast<int64_t>(index::SessionQuery::kPageMax)));
  if (limit) query.limit = static_cast<size_t>(*limit);
  fields.warn_of_unknown();

  const auto sessions = PACS_TRY(services.sessions.list(caller.scope, query));
  JsonWriter writer;
  writer.begin_array();
  for (const UploadSessionRecord& session : sessions) {
    write_session(writer, session, PACS_TRY(items_of(services, caller, session)));
  }
  writer.end_array();
  http::Response response = http::json(http::Status::ok, writer.take());
  if (sessions.size() == query.limit) {
    add_next_link(response, services, request, "before_id", sessions.back().id);
  }
  return response;
}

Result<http::Response> show_session(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::read_own_uploads));
  PACS_TRY(note_upload_read(services, caller));
  const auto session = PACS_TRY(find_session(services, caller, request.path_parameter("id")));
  return session_answer(services, caller, http::Status::ok, session);
}

// The order is the session's; another one in the body is a mistake that must not pass unnoticed.
Result<void> take_order(archive::Announcement& announcement, BodyFields& fields,
                        const UploadSessionRecord& session) {
  announcement.order = session.order;
  const auto named = PACS_TRY(fields.find_order());
  if (named && session.order && *named != *session.order) {
    return conflict("order_mismatch", "the upload session belongs to another order");
  }
  return {};
}

Result<http::Response> upload_session_metadata(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  const auto session = PACS_TRY(find_session(services, caller, request.path_parameter("id")));
  PACS_TRY(check_owner(caller, session.owner));
  BodyFields fields = PACS_TRY(BodyFields::read_json(request));
  archive::Announcement announcement = PACS_TRY(read_announcement(services, fields));
  PACS_TRY(take_order(announcement, fields, session));
  announcement.session_id = session.id;
  announcement.sequence_number =
      PACS_TRY(fields.find_integer("sequence_number", 0, kSessionImagesMax));
  fields.warn_of_unknown(request);
  const auto outcome = PACS_TRY(services.offline_uploads.announce(caller.actor, announcement));

  JsonWriter writer;
  writer.begin_object();
  writer.key("metadata");
  write_upload(writer, outcome.record);
  writer.key("upload_item");
  write_upload_item(writer, outcome.record);
  writer.end_object();
  const bool created = outcome.kind == index::AnnounceOutcome::Kind::created;
  return http::json(created ? http::Status::created : http::Status::ok, writer.take());
}

// The image must have been announced in this session, by this caller.
Result<void> check_belongs(RestServices& services, const edge::Caller& caller,
                           const UploadSessionRecord& session, const Uuid& image_uuid) {
  const auto upload = PACS_TRY(services.uploads.find(
      caller.scope, {.owner = caller.principal.id, .image_uuid = image_uuid}));
  if (!upload || upload->session_id != session.id) {
    return conflict("metadata_missing",
                    "no metadata has been uploaded under this image_uuid in this session; upload "
                    "it first");
  }
  return {};
}

Result<http::Response> upload_session_binary(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  const auto session = PACS_TRY(find_session(services, caller, request.path_parameter("id")));
  PACS_TRY(check_owner(caller, session.owner));
  UploadForm form = PACS_TRY(UploadForm::open(request, {"image_uuid"}));
  const Uuid image_uuid = PACS_TRY(read_image_uuid(request, form.fields()));
  form.fields().warn_of_unknown(request);
  PACS_TRY(check_belongs(services, caller, session, image_uuid));
  auto received = services.offline_uploads.receive(caller.actor, image_uuid, form);
  if (!received) {
    count_refusal(services, received.error());
    return std::move(received).error();
  }
  const bool is_new = received->kind == archive::StoreOutcome::Kind::stored;
  JsonWriter writer;
  writer.begin_object();
  writer.member("detail", is_new ? "the image is stored" : "the image was stored before");
  writer.key("image");
  writer.begin_object();
  write_stored_image_members(writer, received->image, stored_upload(received->upload));
  writer.end_object();
  writer.end_object();
  return http::json(is_new ? http::Status::created : http::Status::ok, writer.take());
}

Result<http::Response> acknowledge_in_session(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  const auto session = PACS_TRY(find_session(services, caller, request.path_parameter("id")));
  PACS_TRY(check_owner(caller, session.owner));
  BodyFields fields = PACS_TRY(BodyFields::read_json(request));
  const Uuid image_uuid = PACS_TRY(fields.get_uuid("image_uuid"));
  fields.warn_of_unknown(request);
  PACS_TRY(check_belongs(services, caller, session, image_uuid));
  const auto upload = PACS_TRY(services.offline_uploads.acknowledge(caller.actor, image_uuid));
  JsonWriter writer;
  writer.begin_object();
  writer.member("detail", "the image is stored; the local copy may be deleted");
  writer.key("receipt");
  writer.raw(upload.receipt);
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

}  // namespace

void add_session_routes(http::Router& router, RestServices& services) {
  const std::string prefix = "/api/v1/radiology/sessions/";
  const http::RouteOptions form{.body_bytes_max = services.settings.image_bytes_max +
                                                  UploadForm::kOverheadBytesMax};
  router.add(http::Method::post, prefix, edge::answering(services, create_session));
  router.add(http::Method::get, prefix, edge::answering(services, list_sessions));
  router.add(http::Method::get, prefix + "{id}/", edge::answering(services, show_session));
  router.add(http::Method::get, prefix + "{id}/status/", edge::answering(services, show_session));
  router.add(http::Method::post, prefix + "{id}/upload-metadata/",
             edge::answering(services, upload_session_metadata));
  router.add(http::Method::post, prefix + "{id}/upload-binary/",
             edge::answering(services, upload_session_binary), form);
  router.add(http::Method::post, prefix + "{id}/acknowledge/",
             edge::answering(services, acknowledge_in_session));
}

}  // namespace pacs::rest
