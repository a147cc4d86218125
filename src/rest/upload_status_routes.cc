// The uploads as the application's status page wants them: an entry an image.
#include <string>

#include "archive/offline_uploads.h"
#include "core/json_writer.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "rest/routes.h"
#include "rest/upload_json.h"
#include "rest/upload_lists.h"

namespace pacs::rest {
namespace {

using access::Action;
using index::UploadStatus;

http::Response entry_answer(const index::UploadRecord& upload) {
  JsonWriter writer;
  write_upload_status(writer, upload);
  return http::json(http::Status::ok, writer.take());
}

Result<http::Response> list_pending_states(RestServices& services, http::Request& request) {
  return answer_upload_list(
      services, request,
      {.statuses = {UploadStatus::metadata_uploaded, UploadStatus::binary_uploaded},
       .ordering = index::UploadQuery::Ordering::oldest_first,
       .write = write_upload_status});
}

Result<http::Response> list_failed_states(RestServices& services, http::Request& request) {
  return answer_upload_list(services, request,
                            {.statuses = {UploadStatus::failed},
                             .ordering = index::UploadQuery::Ordering::newest_first,
                             .write = write_upload_status});
}

Result<http::Response> show_state(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::read_own_uploads));
  return entry_answer(
      PACS_TRY(find_upload(services, caller, request.path_parameter("image_uuid"))));
}

Result<http::Response> retry(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::upload));
  const auto upload = PACS_TRY(find_upload(services, caller, request.path_parameter("image_uuid")));
  PACS_TRY(check_owner(caller, upload.key.owner));
  return entry_answer(
      PACS_TRY(services.offline_uploads.retry(caller.actor, upload.key.image_uuid)));
}

}  // namespace

void add_upload_status_routes(http::Router& router, RestServices& services) {
  const std::string prefix = "/api/v1/radiology/upload-sessions/";
  router.add(http::Method::get, prefix + "pending/",
             edge::answering(services, list_pending_states));
  router.add(http::Method::get, prefix + "failed/", edge::answering(services, list_failed_states));
  router.add(http::Method::get, prefix + "{image_uuid}/", edge::answering(services, show_state));
  router.add(http::Method::post, prefix + "{image_uuid}/retry/", edge::answering(services, retry));
}

}  // namespace pacs::rest
