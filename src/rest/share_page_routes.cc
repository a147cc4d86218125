// Share links as browsers open them: "/s/ID.SIGNATURE" becomes a cookie for "/share/ID" alone,
// below which lie the link's own pages, its viewer and, mounted there, its DICOMweb.
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "access/audit_lines.h"
#include "core/stream.h"
#include "edge/authorise.h"
#include "http/cookie.h"
#include "http/router.h"
#include "http/uri.h"
#include "rest/page_answer.h"
#include "rest/routes.h"
#include "rest/share_page.h"
#include "rest/viewer_bundle_answer.h"

namespace pacs::rest {
namespace {

using access::Action;

constexpr uint64_t kPinFormMax = 4096;

http::Response opened_answer(const RestServices& services, const http::Request& request,
                             const access::OpenedLink& link) {
  const std::string place = path_prefix(services) + "/share/" + link.public_id;
  http::Response response = http::redirect(http::Status::see_other, place + "/");
  http::Cookie cookie;
  cookie.name = edge::kLinkCookie;
  cookie.value = link.cookie;
  cookie.path = place;
  cookie.same_site = http::SameSite::lax;  // a link in a message is another site's
  cookie.is_secure = is_over_tls(services, request);
  const auto rest = std::chrono::milliseconds(link.expires_at - services.clock.now());
  cookie.max_age = std::chrono::duration_cast<std::chrono::seconds>(rest);
  response.headers.add("Set-Cookie", http::set_cookie(cookie));
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Referrer-Policy", "no-referrer");
  return response;
}

http::Response answer_link(const RestServices& services, const http::Request& request,
                           const std::optional<std::string>& pin) {
  const std::string& link = request.path_parameter("link");
  const auto opened = edge::open_link(services.edge, request, link, pin);
  if (opened) return opened_answer(services, request, *opened);
  const std::string& reason = opened.error().reason;
  const bool asks = reason == "pin_needed";
  if (!asks && reason != "wrong_pin" && reason != "pin_blocked") {
    return error_page_answer(services, opened.error());
  }
  const PinProblem problem = asks                    ? PinProblem::none
                             : reason == "wrong_pin" ? PinProblem::wrong
                                                     : PinProblem::blocked;
  const http::Status status = asks                           ? http::Status::ok
                              : problem == PinProblem::wrong ? http::Status::forbidden
                                                             : http::Status::too_many_requests;
  const std::string prefix = path_prefix(services);
  return page_answer(services, status,
                     pin_page(prefix, prefix + "/s/" + http::percent_encode(link), problem),
                     Forms::to_us);
}

Result<http::Response> try_pin(const RestServices& services, http::Request& request) {
  if (!is_from_our_page(request)) {
    return permission_denied("forbidden", "this form was not sent from a page of this server");
  }
  const std::string body = PACS_TRY(read_all(request.body(), kPinFormMax));
  for (const auto& [name, value] : PACS_TRY(http::parse_query(body))) {
    if (name == "pin") return answer_link(services, request, value);
  }
  return answer_link(services, request, std::nullopt);
}

Result<http::Response> show_share(RestServices& services, const http::Request& request) {
  const edge::Caller caller = PACS_TRY(authorise(services.edge, request, Action::read_images));
  SharePage content;
  content.prefix = path_prefix(services);
  content.place = "/share/" + http::percent_encode(request.path_parameter("share"));
  content.expires_at = caller.principal.expires_at.value_or(0);
  content.has_viewer = services.viewer.page({}).has_value();
  for (const access::BoundStudy& bound : *caller.principal.bound_studies) {
    auto study = PACS_TRY(services.studies.find(caller.scope, bound.id));
    if (!study) continue;  // being removed, and the link with it
    PACS_TRY(
        note_read(services.edge, caller, access::audit_action::kStudyRead, study->study_uid.str()));
    content.studies.push_back(std::move(*study));
  }
  if (content.studies.empty()) return not_found("no_such_study", "there is no such study");
  return page_answer(services, http::Status::ok, share_page(content));
}

// The viewer asks for the studies itself; a study that the link does not open is "not available".
Result<http::Response> show_shared_viewer(RestServices& services, const http::Request& request) {
  PACS_TRY(authorise(services.edge, request, Action::read_images));
  return bundle_page(services);
}

template <typename Function>
http::Handler answering_with_share_page(RestServices& services, Function function) {
  return [&services, function](http::Request& request, http::ResponseWriter& writer) {
    Result<http::Response> answer = function(services, request);
    writer.send(answer ? std::move(*answer) : error_page_answer(services, answer.error()));
  };
}

}  // namespace

void add_share_page_routes(http::Router& router, RestServices& services) {
  const std::string place = kShareRoot;
  router.add(http::Method::get, "/s/{link}",
             [&services](http::Request& request, http::ResponseWriter& writer) {
               writer.send(answer_link(services, request, std::nullopt));
             });
  router.add(http::Method::post, "/s/{link}", answering_with_share_page(services, try_pin));
  router.add(http::Method::get, place, answering_with_share_page(services, show_share));
  router.add(http::Method::get, place + "/viewer", answering_with_share_page(services, show_share));
  router.add(http::Method::get, place + "/viewer/{page}",
             answering_with_share_page(services, show_shared_viewer));
}

}  // namespace pacs::rest
