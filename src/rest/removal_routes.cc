// Removing studies, series and images: for administrators.
#include <string>

#include "core/json_writer.h"
#include "http/router.h"
#include "rest/answer.h"
#include "rest/authorise.h"
#include "rest/find_records.h"
#include "rest/routes.h"

namespace pacs::rest {
namespace {

using access::Action;

Result<http::Response> remove(RestServices& services, const Caller& caller,
                              const index::Removal& removal) {
  const archive::RemovalOutcome outcome = PACS_TRY(services.remove.remove(removal, caller.actor));
  services.metrics.counter("pacs_lite_images_removed_total", "Images removed.")
      .add(static_cast<double>(outcome.images));
  JsonWriter writer;
  writer.begin_object();
  writer.member("images_removed", static_cast<int64_t>(outcome.images));
  writer.member("size_bytes", outcome.size_bytes);
  writer.member("files_left", static_cast<int64_t>(outcome.blobs_left));
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

Result<http::Response> remove_study(RestServices& services, http::Request& request) {
  const Caller caller = PACS_TRY(authorise(services, request, Action::administer));
  const auto study = PACS_TRY(get_study(services, caller.scope, request.path_parameter("id")));
  return remove(services, caller, {.study_ids = {study.id}, .series_ids = {}, .image_ids = {}});
}

Result<http::Response> remove_series(RestServices& services, http::Request& request) {
  const Caller caller = PACS_TRY(authorise(services, request, Action::administer));
  const auto series = PACS_TRY(get_series(services, caller.scope, request.path_parameter("id")));
  return remove(services, caller, {.study_ids = {}, .series_ids = {series.id}, .image_ids = {}});
}

Result<http::Response> remove_image(RestServices& services, http::Request& request) {
  const Caller caller = PACS_TRY(authorise(services, request, Action::administer));
  const auto image = PACS_TRY(get_image(services, caller.scope, request.path_parameter("id")));
  return remove(services, caller, {.study_ids = {}, .series_ids = {}, .image_ids = {image.id}});
}

}  // namespace

void add_removal_routes(http::Router& router, RestServices& services) {
  const std::string prefix = "/api/v1/radiology/";
  router.add(http::Method::delete_, prefix + "studies/{id}/", answering(services, remove_study));
  router.add(http::Method::delete_, prefix + "series/{id}/", answering(services, remove_series));
  router.add(http::Method::delete_, prefix + "images/{id}/", answering(services, remove_image));
}

}  // namespace pacs::rest
