// Studies and series: listing, showing, links.
#include <string>
#include <utility>

#include "access/audit_lines.h"
#include "access/share_links.h"
#include "core/json_writer.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/router.h"
#include "http/uri.h"
#include "rest/find_records.h"
#include "rest/links.h"
#include "rest/query_fields.h"
#include "rest/record_json.h"
#include "rest/routes.h"
#include "rest/study_images.h"
#include "rest/study_list.h"

namespace pacs::rest {
namespace {

using access::Action;

Result<http::Response> show_study(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::read_images));
  const auto study = PACS_TRY(get_study(services, caller.scope, request.path_parameter("id")));
  PACS_TRY(
      note_read(services.edge, caller, access::audit_action::kStudyRead, study.study_uid.str()));
  JsonWriter writer;
  write_study(writer, study);
  return http::json(http::Status::ok, writer.take());
}

// Reading the list makes a link to each image, so both are noted.
Result<void> note_links(RestServices& services, const edge::Caller& caller,
                        const std::string& study_uid) {
  PACS_TRY(note_read(services.edge, caller, access::audit_action::kStudyRead, study_uid));
  return note_read(services.edge, caller, access::audit_action::kUrlMake, study_uid);
}

Result<http::Response> images_of_study(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::read_images));
  const auto study = PACS_TRY(get_study(services, caller.scope, request.path_parameter("id")));
  const auto life = PACS_TRY(link_life(services, request));
  PACS_TRY(note_links(services, caller, study.study_uid.str()));
  JsonWriter writer;
  PACS_TRY(write_study_images(writer, services, caller, study,
                              Links(services, request, caller.principal, life)));
  return http::json(http::Status::ok, writer.take());
}

Result<http::Response> images_of_series(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::read_images));
  const auto series = PACS_TRY(get_series(services, caller.scope, request.path_parameter("id")));
  const auto study = PACS_TRY(get_study(services, caller.scope, std::to_string(series.study_id)));
  const auto life = PACS_TRY(link_life(services, request));
  PACS_TRY(note_links(services, caller, study.study_uid.str()));
  index::ImageQuery query;
  query.series_id = series.id;
  const auto images = PACS_TRY(list_images(services, caller.scope, query));
  JsonWriter writer;
  PACS_TRY(write_series(writer, series, images, Links(services, request, caller.principal, life)));
  return http::json(http::Status::ok, writer.take());
}

// The viewer of the operator's choice gets the study by its DICOM UID, and the secret; ours is
// opened by the link's own address.
std::string viewer_url_of(const RestServices& services, const http::Request& request,
                          const index::StudyRecord& study, const access::ShareLink& link) {
  if (!services.settings.ohif_url.empty()) {
    return services.settings.ohif_url + "?" +
           http::encode_query(
               {{"StudyInstanceUIDs", study.study_uid.to_dicom()}, {"token", link.secret}});
  }
  return edge::public_base(services.edge, request) + link.path;
}

Result<http::Response> viewer_url(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::hand_out_links));
  const auto study = PACS_TRY(get_study(services, caller.scope, request.path_parameter("id")));
  const auto life = PACS_TRY(link_life(services, request));
  const auto link =
      PACS_TRY(services.share_links.create(caller.principal, study.id, life, request.request_id));
  JsonWriter writer;
  writer.begin_object();
  writer.member("viewer_url", viewer_url_of(services, request, study, link));
  writer.member("token", link.secret);
  writer.member("study_uid", study.study_uid.str());
  writer.member("expires_in", static_cast<int64_t>(life.count()));
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

}  // namespace

void add_study_routes(http::Router& router, RestServices& services) {
  const std::string prefix = "/api/v1/radiology/";
  router.add(http::Method::get, prefix + "studies/", edge::answering(services, answer_study_list));
  router.add(http::Method::get, prefix + "studies/{id}/", edge::answering(services, show_study));
  router.add(http::Method::get, prefix + "studies/{id}/images/",
             edge::answering(services, images_of_study));
  router.add(http::Method::get, prefix + "studies/{id}/viewer-url/",
             edge::answering(services, viewer_url));
  router.add(http::Method::get, prefix + "series/{id}/images/",
             edge::answering(services, images_of_series));
}

}  // namespace pacs::rest
