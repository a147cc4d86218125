// The OHIF viewer under /viewer/, and the sign-in of a browser that shows it. The viewer's files
// are anybody's; what it shows comes from /dicom-web, with the cookie that signing in sets.
#include <string>
#include <utility>

#include "core/stream.h"
#include "core/text.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/cookie.h"
#include "http/media_type.h"
#include "http/router.h"
#include "http/status_map.h"
#include "http/uri.h"
#include "rest/page_answer.h"
#include "rest/routes.h"
#include "rest/sign_in_page.h"
#include "rest/viewer_bundle_answer.h"

namespace pacs::rest {
namespace {

using access::Action;

constexpr std::string_view kViewerRoot = "/viewer/";
constexpr uint64_t kSignInFormMax = 64 * 1024;  // a JSON Web Token has a few kB
constexpr size_t kSessionTokenMax = 4000;       // what a browser keeps of a cookie is 4096 bytes

// By this alone does a token stand in a cookie as it is; ours and JSON Web Tokens all do.
bool fits_in_a_cookie(std::string_view token) {
  constexpr std::string_view kCharacters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
  return !token.empty() && token.size() <= kSessionTokenMax &&
         token.find_first_not_of(kCharacters) == std::string_view::npos;
}

// One cookie for the page, which a link on another site may open, and one for the images, which
// only our own page may ask for.
void add_session_cookies(const RestServices& services, const http::Request& request,
                         std::string_view token, http::Response& response) {
  const std::string prefix = path_prefix(services);
  http::Cookie cookie;
  cookie.name = edge::kSessionCookie;
  cookie.value = token;
  cookie.is_secure = is_over_tls(services, request);
  if (token.empty()) cookie.max_age = std::chrono::seconds(0);
  cookie.path = prefix + "/viewer";
  cookie.same_site = http::SameSite::lax;
  response.headers.add("Set-Cookie", http::set_cookie(cookie));
  cookie.path = prefix + "/dicom-web";
  cookie.same_site = http::SameSite::strict;
  response.headers.add("Set-Cookie", http::set_cookie(cookie));
}

http::Response see_other(std::string_view location) {
  http::Response response = http::redirect(http::Status::see_other, location);
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Referrer-Policy", "no-referrer");
  return response;
}

bool wants_a_page(const http::Request& request) {
  const auto accept = request.headers.joined("Accept");
  return accept && accept->find("text/html") != std::string::npos;
}

// A link of the application's may bring a token, which the viewer itself takes from its address.
bool brings_a_token(const http::Request& request) {
  const auto query = http::parse_query(request.raw_query);
  if (!query) return false;
  for (const auto& [name, value] : *query) {
    if (name == "token" && !value.empty()) return true;
  }
  return false;
}

http::Response viewer_page_for(RestServices& services, const http::Request& request) {
  if (!brings_a_token(request)) {
    const auto caller = edge::authorise(services.edge, request, Action::read_images);
    if (!caller && http::status_of(caller.error()) == http::Status::unauthorized &&
        wants_a_page(request)) {
      const std::string next = path_to_go_on_to(request.target);
      return see_other(path_prefix(services) + "/viewer/login?" +
                       http::encode_query({{"next", next}}));
    }
    if (!caller) return error_page_answer(services, caller.error());
  }
  return bundle_page(services);
}

void serve_viewer(RestServices& services, http::Request& request, http::ResponseWriter& writer) {
  const std::string_view path = request.raw_path;
  const std::string_view name =
      path.size() > kViewerRoot.size() ? path.substr(kViewerRoot.size()) : std::string_view();
  if (ViewerBundle::is_file_name(name)) {
    if (send_bundle_file(services, request, writer, name)) return;
    writer.send(error_page_answer(services, not_found("no_such_file", "no file of the viewer")));
    return;
  }
  writer.send(viewer_page_for(services, request));
}

http::Response show_sign_in(RestServices& services, const http::Request& request) {
  SignInPage content;
  content.prefix = path_prefix(services);
  content.next = path_to_go_on_to(request.query_parameter("next").value_or(""));
  if (auto caller = edge::authorise(services.edge, request, Action::read_images)) {
    content.name = caller->principal.display_name;
  }
  return page_answer(services, http::Status::ok, sign_in_page(content), Forms::to_us);
}

std::string form_field(const http::QueryParameters& form, std::string_view name) {
  for (const auto& [field, value] : form) {
    if (field == name) return value;
  }
  return {};
}

Result<http::Response> sign_in(RestServices& services, http::Request& request) {
  if (!is_from_our_page(request)) {
    return permission_denied("forbidden", "this form was not sent from a page of this server");
  }
  const std::string body = PACS_TRY(read_all(request.body(), kSignInFormMax));
  const http::QueryParameters form = PACS_TRY(http::parse_query(body));
  const std::string token(trim(form_field(form, "token")));
  const std::string next = path_to_go_on_to(form_field(form, "next"));
  Result<edge::Caller> caller =
      fits_in_a_cookie(token)
          ? edge::authorise_token(services.edge, request, token, Action::read_images)
          : invalid_argument("bad_token", "this is not a token");
  if (!caller) {
    const http::Status status = http::status_of(caller.error());
    if (status == http::Status::too_many_requests || http::number_of(status) >= 500) {
      return std::move(caller).error();
    }
    const SignInPage content{path_prefix(services), next, {}, true};
    return page_answer(services, http::Status::unauthorized, sign_in_page(content), Forms::to_us);
  }
  http::Response response = see_other(path_prefix(services) + next);
  add_session_cookies(services, request, token, response);
  return response;
}

Result<http::Response> sign_out(RestServices& services, http::Request& request) {
  if (!is_from_our_page(request)) {
    return permission_denied("forbidden", "this form was not sent from a page of this server");
  }
  const SignInPage content{path_prefix(services), std::string(kViewerRoot), {}, false};
  http::Response response =
      page_answer(services, http::Status::ok, sign_in_page(content), Forms::to_us);
  add_session_cookies(services, request, {}, response);
  return response;
}

http::Handler answering_with_pages(RestServices& services,
                                   Result<http::Response> (*function)(RestServices&,
                                                                      http::Request&)) {
  return [&services, function](http::Request& request, http::ResponseWriter& writer) {
    Result<http::Response> answer = function(services, request);
    writer.send(answer ? std::move(*answer) : error_page_answer(services, answer.error()));
  };
}

}  // namespace

void add_viewer_bundle_routes(http::Router& router, RestServices& services) {
  const auto viewer = [&services](http::Request& request, http::ResponseWriter& writer) {
    serve_viewer(services, request, writer);
  };
  router.add(http::Method::get, "/viewer", viewer);
  router.add_prefix(http::Method::get, kViewerRoot, viewer);
  router.add(http::Method::get, "/viewer/login",
             [&services](http::Request& request, http::ResponseWriter& writer) {
               writer.send(show_sign_in(services, request));
             });
  router.add(http::Method::post, "/viewer/login", answering_with_pages(services, sign_in));
  router.add(http::Method::post, "/viewer/logout", answering_with_pages(services, sign_out));
}

}  // namespace pacs::rest
