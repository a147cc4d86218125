// Metadata first, then the bytes, then the acknowledgement.
#include <utility>

#include "archive/offline_uploads.h"
#include "core/json_writer.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "rest/offline_fields.h"
#include "rest/routes.h"
#include "rest/upload_form.h"
#include "rest/upload_json.h"
#include "rest/upload_lists.h"

namespace pacs::rest {
namespace {

using access::Action;
using index::UploadStatus;

constexpr std::string_view kPrefix = "/api/v1/radiology/offline-images/";

http::Response upload_answer(http::Status status, const index::UploadRecord& upload) {
  JsonWriter writer;
  write_upload(writer, upload);
  return http::json(status, writer.take());
}

Result<http::Response> upload_metadata(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  BodyFields fields = PACS_TRY(BodyFields::read_json(request));
  archive::Announcement announcement = PACS_TRY(read_announcement(services, fields));
  announcement.order = PACS_TRY(fields.get_order());
  fields.warn_of_unknown(request);
  const auto outcome = PACS_TRY(services.offline_uploads.announce(caller.actor, announcement));
  const bool created = outcome.kind == index::AnnounceOutcome::Kind::created;
  return upload_answer(created ? http::Status::created : http::Status::ok, outcome.record);
}

Result<http::Response> upload_binary(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  UploadForm form = PACS_TRY(UploadForm::open(request, {"image_uuid"}));
  const Uuid image_uuid = PACS_TRY(read_image_uuid(request, form.fields()));
  form.fields().warn_of_unknown(request);
  auto received = services.offline_uploads.receive(caller.actor, image_uuid, form);
  if (!received) {
    count_refusal(services, received.error());
    return std::move(received).error();
  }
  JsonWriter writer;
  writer.begin_object();
  write_stored_image_members(writer, received->image, stored_upload(received->upload));
  writer.end_object();
  const bool is_new = received->kind == archive::StoreOutcome::Kind::stored;
  return http::json(is_new ? http::Status::created : http::Status::ok, writer.take());
}

Result<http::Response> acknowledge(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  BodyFields fields = PACS_TRY(BodyFields::read_json(request));
  const Uuid image_uuid = PACS_TRY(fields.get_uuid("image_uuid"));
  fields.warn_of_unknown(request);
  const auto upload = PACS_TRY(services.offline_uploads.acknowledge(caller.actor, image_uuid));
  return upload_answer(http::Status::ok, upload);
}

Result<http::Response> list_all(RestServices& services, http::Request& request) {
  return answer_upload_list(services, request,
                            {.statuses = {},
                             .ordering = index::UploadQuery::Ordering::newest_first,
                             .write = write_upload});
}

Result<http::Response> list_pending(RestServices& services, http::Request& request) {
  return answer_upload_list(
      services, request,
      {.statuses = {UploadStatus::metadata_uploaded, UploadStatus::binary_uploaded},
       .ordering = index::UploadQuery::Ordering::oldest_first,
       .write = write_upload});
}

Result<http::Response> list_failed(RestServices& services, http::Request& request) {
  return answer_upload_list(services, request,
                            {.statuses = {UploadStatus::failed},
                             .ordering = index::UploadQuery::Ordering::newest_first,
                             .write = write_upload});
}

Result<http::Response> show_upload(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::read_own_uploads));
  const auto upload = PACS_TRY(find_upload(services, caller, request.path_parameter("id")));
  return upload_answer(http::Status::ok, upload);
}

}  // namespace

void add_offline_routes(http::Router& router, RestServices& services) {
  const std::string prefix(kPrefix);
  const http::RouteOptions form{.body_bytes_max = services.settings.image_bytes_max +
                                                  UploadForm::kOverheadBytesMax};
  router.add(http::Method::post, prefix + "upload-metadata/",
             edge::answering(services, upload_metadata));
  router.add(http::Method::post, prefix + "upload-binary/",
             edge::answering(services, upload_binary), form);
  router.add(http::Method::post, prefix + "acknowledge/", edge::answering(services, acknowledge));
  router.add(http::Method::get, prefix, edge::answering(services, list_all));
  router.add(http::Method::get, prefix + "pending/", edge::answering(services, list_pending));
  router.add(http::Method::get, prefix + "failed/", edge::answering(services, list_failed));
  router.add(http::Method::get, prefix + "{id}/", edge::answering(services, show_upload));
}

}  // namespace pacs::rest
