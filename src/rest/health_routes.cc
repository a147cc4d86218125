// Does the process live, is it ready, how is it doing?
#include "archive/room.h"
#include "archive/stores.h"
#include "core/metrics.h"
#include "edge/answer.h"
#include "edge/authorise.h"
#include "http/problem.h"
#include "http/router.h"
#include "rest/routes.h"

namespace pacs::rest {
namespace {

Result<http::Response> healthz(RestServices& /*services*/, http::Request& /*request*/) {
  return http::json(http::Status::ok, R"({"status":"ok"})");
}

// Anybody may ask, so what is wrong is told in a few words; the log of the server has the rest.
Error not_ready(std::string_view what) { return unavailable("not_ready", std::string(what)); }

Result<http::Response> readyz(RestServices& services, http::Request& /*request*/) {
  // After a failed fsync both still read, but take nothing until the next start.
  constexpr std::string_view kMustRestart = "a write to the disk failed: the server must restart";
  if (services.archive_state.must_restart()) return not_ready(kMustRestart);
  if (!services.archive_state.totals()) return not_ready("the index does not answer");
  for (const auto& store : services.stores.all()) {
    if (store->is_poisoned()) return not_ready(kMustRestart);
    if (!store->space()) return not_ready("the store does not answer");
  }
  return http::json(http::Status::ok, R"({"status":"ready"})");
}

Result<http::Response> metrics(RestServices& services, http::Request& request) {
  PACS_TRY(authorise(services.edge, request, access::Action::read_metrics));
  services.room.measure();
  http::Response response = http::text(http::Status::ok, services.metrics.text());
  response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  return response;
}

}  // namespace

void add_health_routes(http::Router& router, RestServices& services) {
  router.add(http::Method::get, "/healthz", edge::answering(services, healthz));
  router.add(http::Method::get, "/readyz", edge::answering(services, readyz));
  router.add(http::Method::get, "/metrics", edge::answering(services, metrics));
}

}  // namespace pacs::rest
