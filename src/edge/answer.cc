#include "edge/answer.h"

#include <utility>

#include "core/log.h"
#include "http/problem.h"

namespace pacs::edge {

http::Response response_to(Result<http::Response> answer, const http::Request& request) {
  if (!answer && answer.error().code == ErrorCode::internal) {
    log_error("request_failed", {{"request_id", request.request_id},
                                 {"route", request.route},
                                 {"reason", answer.error().reason},
                                 {"detail", answer.error().detail}});
  }
  http::Response response =
      answer ? std::move(*answer) : http::problem(answer.error(), request.request_id);
  if (!response.headers.contains("Cache-Control")) {
    response.headers.add("Cache-Control", "no-store");
  }
  return response;
}

std::string public_base(const EdgeServices& services, const http::Request& request) {
  return services.public_url.empty() ? request.base_url() : services.public_url;
}

}  // namespace pacs::edge
