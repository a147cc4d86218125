// Single images: showing, and links to their bytes. Images never change: there is no PUT or PATCH.
#include <string>
#include <utility>

#include "access/audit_lines.h"
#include "core/json_writer.h"
#include "http/router.h"
#include "rest/answer.h"
#include "rest/authorise.h"
#include "rest/find_records.h"
#include "rest/image_list.h"
#include "rest/links.h"
#include "rest/record_json.h"
#include "rest/routes.h"

namespace pacs::rest {
namespace {

using access::Action;

Result<http::Response> show(RestServices& services, http::Request& request) {
  const Caller caller = PACS_TRY(authorise(services, request, Action::read_images));
  const auto image = PACS_TRY(get_image(services, caller.scope, request.path_parameter("id")));
  const auto life = PACS_TRY(link_life(services, request));
  PACS_TRY(note_read(services, caller, access::audit_action::kStudyRead, image.study_uid.str()));
  PACS_TRY(note_read(services, caller, access::audit_action::kUrlMake, image.study_uid.str()));
  JsonWriter writer;
  PACS_TRY(write_image(writer, image, Links(services, request, caller.principal, life)));
  return http::json(http::Status::ok, writer.take());
}

Result<http::Response> image_url(RestServices& services, http::Request& request) {
  const Caller caller = PACS_TRY(authorise(services, request, Action::read_images));
  const auto image = PACS_TRY(get_image(services, caller.scope, request.path_parameter("id")));
  const Links links(services, request, caller.principal, PACS_TRY(link_life(services, request)));
  PACS_TRY(note_read(services, caller, access::audit_action::kUrlMake, image.study_uid.str()));
  JsonWriter writer;
  writer.begin_object();
  writer.member("image_url", PACS_TRY(links.image_url(image)));
  writer.member("image_uid", image.image_uid.str());
  writer.member("filename", image.attributes.filename);
  writer.member("expires_in", links.expires_in_seconds());
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

}  // namespace

void add_image_routes(http::Router& router, RestServices& services) {
  const std::string prefix = "/api/v1/radiology/images/";
  router.add(http::Method::get, prefix, answering(services, answer_image_list));
  router.add(http::Method::get, prefix + "{id}/", answering(services, show));
  router.add(http::Method::get, prefix + "{id}/url/", answering(services, image_url));
}

}  // namespace pacs::rest
