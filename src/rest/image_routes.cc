// Single images: showing, their bytes, and links to them. Images never change: there is no PUT or
// PATCH.
#include <string>
#include <utility>

#include "access/audit_lines.h"
#include "archive/retrieve.h"
#include "core/json_writer.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "edge/stored_file.h"
#include "http/router.h"
#include "rest/find_records.h"
#include "rest/image_list.h"
#include "rest/links.h"
#include "rest/query_fields.h"
#include "rest/record_json.h"
#include "rest/routes.h"

namespace pacs::rest {
namespace {

using access::Action;

Result<http::Response> show_image(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::read_images));
  const auto image = PACS_TRY(get_image(services, caller.scope, request.path_parameter("id")));
  const auto life = PACS_TRY(link_life(services, request));
  PACS_TRY(
      note_read(services.edge, caller, access::audit_action::kStudyRead, image.study_uid.str()));
  PACS_TRY(note_read(services.edge, caller, access::audit_action::kUrlMake, image.study_uid.str()));
  JsonWriter writer;
  const auto verified_at = PACS_TRY(services.image_checks.verified_at(caller.scope, image.id));
  PACS_TRY(write_image_record(writer, image, Links(services, request, caller.principal, life),
                              verified_at));
  return http::json(http::Status::ok, writer.take());
}

Result<http::Response> image_url(RestServices& services, http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::read_images));
  const auto image = PACS_TRY(get_image(services, caller.scope, request.path_parameter("id")));
  const Links links(services, request, caller.principal, PACS_TRY(link_life(services, request)));
  PACS_TRY(note_read(services.edge, caller, access::audit_action::kUrlMake, image.study_uid.str()));
  JsonWriter writer;
  writer.begin_object();
  writer.member("image_url", PACS_TRY(links.image_url(image)));
  writer.member("image_uid", image.image_uid.str());
  writer.member("filename", image.attributes.filename);
  writer.member("expires_in", links.expires_in_seconds());
  writer.end_object();
  return http::json(http::Status::ok, writer.take());
}

// `?redirect=`: whether the bytes may come from the object store itself.
enum class Redirect { automatic, always, never };

Result<Redirect> redirect_wish(const http::Request& request) {
  const auto wish = PACS_TRY(QueryFields(request).find_text("redirect"));
  if (!wish || *wish == "auto") return Redirect::automatic;
  if (*wish == "always") return Redirect::always;
  if (*wish == "never") return Redirect::never;
  return bad_parameter("redirect", "is auto, always or never");
}

// A link is signed for GET alone, so HEAD is answered here.
Result<bool> must_redirect(const Links& links, const index::ImageRecord& image,
                           const http::Request& request) {
  const Redirect wish = PACS_TRY(redirect_wish(request));
  if (wish == Redirect::always && !links.open_by_themselves()) {
    return bad_parameter("redirect", "cannot be \"always\": this archive gives out no links");
  }
  if (request.method == http::Method::head || wish == Redirect::never) return false;
  return wish == Redirect::always || links.lead_to_the_store(image);
}

// The bytes, for who has a token: from here, or by a redirect that needs none (RFC 9110 15.4.8).
Result<void> send_file(RestServices& services, const http::Request& request,
                       http::ResponseWriter& writer) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::read_images));
  auto record = PACS_TRY(get_image(services, caller.scope, request.path_parameter("id")));
  const Links links(services, request, caller.principal, PACS_TRY(link_life(services, request)));
  const std::string study_uid = record.study_uid.str();
  if (PACS_TRY(must_redirect(links, record, request))) {
    PACS_TRY(note_read(services.edge, caller, access::audit_action::kUrlMake, study_uid));
    http::Response response =
        http::redirect(http::Status::temporary_redirect, PACS_TRY(links.image_url(record)));
    response.headers.set("Cache-Control", "no-store");  // the link expires
    writer.send(std::move(response));
    return {};
  }
  PACS_TRY(note_read(services.edge, caller, access::audit_action::kStudyRead, study_uid));
  edge::StoredFileAnswer answer;
  if (is_picture(record.attributes.mime_type)) answer.disposition = http::Disposition::inline_;
  auto image = PACS_TRY(services.retrieve.open(std::move(record)));
  return edge::send_stored_file(services.retrieve, request, writer, image, answer);
}

}  // namespace

void add_image_routes(http::Router& router, RestServices& services) {
  const std::string prefix = "/api/v1/radiology/images/";
  router.add(http::Method::get, prefix, edge::answering(services, answer_image_list));
  router.add(http::Method::get, prefix + "{id}/", edge::answering(services, show_image));
  router.add(http::Method::get, prefix + "{id}/url/", edge::answering(services, image_url));
  router.add(http::Method::get, prefix + "{id}/file/",
             [&services](http::Request& request, http::ResponseWriter& writer) {
               edge::finish_stream(request, writer, send_file(services, request, writer));
             });
}

}  // namespace pacs::rest
