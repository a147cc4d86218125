// GET /api/openapi.json.
#include <string>

#include "edge/answer.h"
#include "http/router.h"
#include "rest/links.h"
#include "rest/openapi.h"
#include "rest/routes.h"
#include "storage/media_url.h"

namespace pacs::rest {
namespace {

Result<http::Response> show_document(RestServices& services, http::Request& request) {
  http::Response response =
      http::json(http::Status::ok, openapi_document(services.media_url.path_prefix(),
                                                    edge::public_base(services.edge, request)));
  response.headers.add("Cache-Control", "no-cache");
  return response;
}

}  // namespace

void add_openapi_route(http::Router& router, RestServices& services) {
  router.add(http::Method::get, "/api/openapi.json", edge::answering(services, show_document));
}

}  // namespace pacs::rest
