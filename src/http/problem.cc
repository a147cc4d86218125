#include "http/problem.h"

#include <string>

#include "core/json_writer.h"
#include "http/status_map.h"

namespace pacs::http {

Response problem(Status status, std::string_view code, std::string_view detail,
                 std::string_view request_id) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("type", "about:blank");  // RFC 9457 4.2.1: the title is the status's own phrase
  writer.member("title", phrase(status));
  writer.member("status", number_of(status));
  writer.member("detail", detail);
  writer.member("code", code);
  writer.member("request_id", request_id);
  writer.end_object();
  Response response{status, {{"Content-Type", "application/problem+json"}}, writer.take()};
  if (const auto delay = retry_after_of(status)) {
    response.headers.add("Retry-After", std::to_string(delay->count()));
  }
  if (status == Status::unauthorized) response.headers.add("WWW-Authenticate", "Bearer");
  return response;
}

Response problem(const Error& error, std::string_view request_id) {
  const Status status = status_of(error);
  if (error.code == ErrorCode::internal) {
    return problem(status, error.reason,
                   "the server failed to do this; its log says why, under the request_id",
                   request_id);
  }
  return problem(status, error.reason, error.detail, request_id);
}

}  // namespace pacs::http
