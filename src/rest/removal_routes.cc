// Removing studies, series and images, and bringing them back from the trash: for administrators.
#include <string>

#include "archive/remove.h"
#include "core/json_writer.h"
#include "core/metrics.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "rest/find_records.h"
#include "rest/query_fields.h"
#include "rest/record_json.h"
#include "rest/routes.h"

namespace pacs::rest {
namespace {

using access::Action;
using index::Trash;

Result<archive::RemoveMode> read_mode(const http::Request& request) {
  QueryFields fields(request);
  const auto now = PACS_TRY(fields.find_text("now"));
  fields.warn_of_unknown();
  if (!now || *now == "false" || *now == "0") return archive::RemoveMode::trash;
  if (*now == "true" || *now == "1") return archive::RemoveMode::now;
  return bad_parameter("now", "must be true or false");
}

Result<http::Response> remove(RestServices& services, const edge::Caller& caller,
                              const index::Removal& removal, archive::RemoveMode mode) {
  const archive::RemovalOutcome outcome =
      PACS_TRY(services.remove.remove(removal, caller.actor, mode));
  services.metrics.counter("pacs_lite_images_removed_total", "Images removed.")
      .add(static_cast<double>(outcome.images));
  JsonWriter writer;
  writer.begin_object();
  writer.member("images_removed", static_cast<int64_t>(outcome.images));
  writer.member("size_bytes", outcome.size_bytes);
  write_time(writer, "purge_at", outcome.purge_at);
  writer.member("files_left", static_cast<int64_t>(outcome.blobs_left));
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

// What is in the trash can be removed for good, and nothing else done to it here.
Result<index::Removal> in_trash(RestServices& services, const edge::Caller& caller,
                                Trash::Noun noun, std::string_view id, Error otherwise) {
  const auto place = PACS_TRY(services.trash.place(caller.scope, noun, id));
  if (!place) return otherwise;
  index::Removal removal;
  if (place->study_id) removal.study_ids.push_back(*place->study_id);
  if (place->series_id) removal.series_ids.push_back(*place->series_id);
  if (place->image_id) removal.image_ids.push_back(*place->image_id);
  return removal;
}

// The records of three kinds are looked up alike; `get` and `list` tell them apart.
template <typename Get>
Result<http::Response> remove_record(RestServices& services, http::Request& request,
                                     Trash::Noun noun, const Get& get,
                                     std::vector<int64_t> index::Removal::*list) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  const archive::RemoveMode mode = PACS_TRY(read_mode(request));
  const std::string id = std::string(request.path_parameter("id"));
  const auto record = get(services, caller.scope, id);
  index::Removal removal;
  if (record) {
    (removal.*list).push_back(record->id);
  } else if (mode == archive::RemoveMode::now && record.error().code == ErrorCode::not_found) {
    removal = PACS_TRY(in_trash(services, caller, noun, id, record.error()));
  } else {
    return record.error();
  }
  return remove(services, caller, removal, mode);
}

Result<http::Response> remove_study(RestServices& services, http::Request& request) {
  return remove_record(services, request, Trash::Noun::study, get_study,
                       &index::Removal::study_ids);
}

Result<http::Response> remove_series(RestServices& services, http::Request& request) {
  return remove_record(services, request, Trash::Noun::series, get_series,
                       &index::Removal::series_ids);
}

Result<http::Response> remove_image(RestServices& services, http::Request& request) {
  return remove_record(services, request, Trash::Noun::image, get_image,
                       &index::Removal::image_ids);
}

Result<http::Response> restore(RestServices& services, http::Request& request, Trash::Noun noun) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::administer));
  const auto removal =
      PACS_TRY(in_trash(services, caller, noun, request.path_parameter("id"),
                        not_found("not_in_trash", "there is nothing of that name in the trash")));
  const index::Restored restored = PACS_TRY(services.remove.restore(removal, caller.actor));
  services.metrics.counter("pacs_lite_images_restored_total", "Images taken out of the trash.")
      .add(static_cast<double>(restored.images));
  JsonWriter writer;
  writer.begin_object();
  writer.member("images_restored", restored.images);
  writer.member("size_bytes", restored.size_bytes);
  writer.member("images_lost", restored.images_going);
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

Result<http::Response> restore_study(RestServices& services, http::Request& request) {
  return restore(services, request, Trash::Noun::study);
}

Result<http::Response> restore_series(RestServices& services, http::Request& request) {
  return restore(services, request, Trash::Noun::series);
}

Result<http::Response> restore_image(RestServices& services, http::Request& request) {
  return restore(services, request, Trash::Noun::image);
}

}  // namespace

void add_removal_routes(http::Router& router, RestServices& services) {
  const std::string studies = "/api/v1/radiology/studies/{id}/";
  const std::string series = "/api/v1/radiology/series/{id}/";
  const std::string images = "/api/v1/radiology/images/{id}/";
  router.add(http::Method::delete_, studies, edge::answering(services, remove_study));
  router.add(http::Method::delete_, series, edge::answering(services, remove_series));
  router.add(http::Method::delete_, images, edge::answering(services, remove_image));
  router.add(http::Method::post, studies + "restore/", edge::answering(services, restore_study));
  router.add(http::Method::post, series + "restore/", edge::answering(services, restore_series));
  router.add(http::Method::post, images + "restore/", edge::answering(services, restore_image));
}

}  // namespace pacs::rest
