// OPTIONS of the root: the Retrieve Capabilities transaction (PS3.18 8.9). It tells nothing of any
// patient, so that nobody has to say who he is.
#include <algorithm>
#include <string>
#include <utility>

#include "dicomweb/capabilities.h"
#include "dicomweb/routes.h"
#include "edge/answer.h"
#include "http/media_type.h"
#include "http/router.h"

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kWadlType = "application/vnd.sun.wadl+xml";

int best_quality(const http::Request& request, std::initializer_list<std::string_view> types) {
  // The parameter stands for the field (PS3.18 8.3.3.1).
  auto accept = request.query_parameter("accept");
  if (!accept) accept = request.headers.joined("Accept");
  int best = 0;
  for (const std::string_view type : types) {
    best = std::max(best, http::accept_quality(accept, type));
  }
  return best;
}

Result<http::Response> show_capabilities(const http::Router& router,
                                         const DicomwebServices& services,
                                         const http::Request& request) {
  // A browser asks for permission (the Fetch standard's preflight): the server adds the fields.
  if (request.headers.contains("Access-Control-Request-Method")) {
    return http::empty(http::Status::no_content);
  }
  const std::string root_url = edge::public_base(services.edge, request) + kRoot;
  const int wadl_quality = best_quality(request, {kWadlType, "application/xml", "text/xml"});
  const int json_quality = best_quality(request, {"application/json", "application/dicom+json"});
  if (wadl_quality == 0 && json_quality == 0) {
    return unsupported("not_acceptable",
                       "the capabilities are " + std::string(kWadlType) + " or application/json");
  }
  if (json_quality > wadl_quality) {
    return http::json(http::Status::ok, capabilities_json(router.routes(), root_url));
  }
  http::Response response =
      http::text(http::Status::ok, capabilities_wadl(router.routes(), root_url));
  response.headers.set("Content-Type", kWadlType);
  return response;
}

}  // namespace

void add_capabilities_route(http::Router& router, DicomwebServices& services) {
  router.add(http::Method::options, kRoot,
             [&router, &services](http::Request& request, http::ResponseWriter& writer) {
               http::Response response =
                   edge::response_to(show_capabilities(router, services, request), request);
               response.headers.add("Allow", "OPTIONS");
               writer.send(std::move(response));
             });
}

}  // namespace pacs::dicomweb
