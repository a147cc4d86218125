#include "rest/page_answer.h"

#include <string_view>
#include <utility>

#include "http/status_map.h"
#include "rest/page_frame.h"

namespace pacs::rest {

std::string path_prefix(const RestServices& services) {
  const std::string& url = services.edge.public_url;
  const size_t host = url.find("://");
  const size_t path = host == std::string::npos ? host : url.find('/', host + 3);
  return path == std::string::npos ? std::string() : url.substr(path);
}

std::string frame_ancestors(const RestServices& services) {
  std::string sources;
  for (const std::string& source : services.settings.frame_ancestors) sources += " " + source;
  return "frame-ancestors" + (sources.empty() ? std::string(" 'none'") : sources);
}

http::Response page_answer(const RestServices& services, http::Status status, std::string html,
                           Forms forms) {
  http::Response response{status, {}, std::move(html)};
  response.headers.add("Content-Type", "text/html; charset=utf-8");
  response.headers.add("Content-Security-Policy",
                       "default-src 'none'; img-src 'self'; style-src 'self'; object-src 'self'; "
                       "frame-src 'self'; base-uri 'none'; form-action " +
                           std::string(forms == Forms::to_us ? "'self'; " : "'none'; ") +
                           frame_ancestors(services));
  response.headers.add("Referrer-Policy", "no-referrer");
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("X-Robots-Tag", "noindex");
  return response;
}

http::Response error_page_answer(const RestServices& services, const Error& error) {
  const http::Status status = http::status_of(error);
  std::string_view title = "This page cannot be shown";
  std::string_view text = "Something went wrong on the server. Try again in a minute.";
  if (status == http::Status::unauthorized) {
    title = "This link does not open anything";
    text = "It has expired, was withdrawn, or is not complete. Ask whoever sent it for a new one.";
  } else if (status == http::Status::forbidden) {
    title = "You may not see this";
    text = "You are signed in, but without the right to read images.";
  } else if (status == http::Status::too_many_requests) {
    title = "Too many attempts";
    text = "Wait a minute, then try again.";
  } else if (http::number_of(status) < 500) {
    title = "There is nothing here";
    text = "The study or image does not exist, or this link is not for it.";
  }
  return page_answer(services, status, error_page(title, text, path_prefix(services)));
}

bool is_from_our_page(const http::Request& request) {
  if (const auto site = request.headers.find("Sec-Fetch-Site")) {
    return *site == "same-origin" || *site == "none";
  }
  const auto origin = request.headers.find("Origin");
  return !origin || *origin == request.base_url();
}

bool is_over_tls(const RestServices& services, const http::Request& request) {
  return request.client.scheme == "https" || services.edge.public_url.starts_with("https://");
}

}  // namespace pacs::rest
