// Status codes of HTTP (RFC 9110 15) with their phrases. Any number of three digits can be held.
#pragma once

#include <cstdint>
#include <string_view>

namespace pacs::http {

enum class Status : uint16_t {
  continue_ = 100,
  ok = 200,
  created = 201,
  accepted = 202,
  no_content = 204,
  partial_content = 206,
  moved_permanently = 301,
  found = 302,
  see_other = 303,
  not_modified = 304,
  temporary_redirect = 307,
  permanent_redirect = 308,
  bad_request = 400,
  unauthorized = 401,
  forbidden = 403,
  not_found = 404,
  method_not_allowed = 405,
  not_acceptable = 406,
  request_timeout = 408,
  conflict = 409,
  gone = 410,
  length_required = 411,
  precondition_failed = 412,
  content_too_large = 413,
  uri_too_long = 414,
  unsupported_media_type = 415,
  range_not_satisfiable = 416,
  expectation_failed = 417,
  unprocessable_content = 422,
  locked = 423,
  too_many_requests = 429,
  header_fields_too_large = 431,
  checksum_mismatch = 460,  // tus 1.0, checksum extension
  internal_server_error = 500,
  not_implemented = 501,
  bad_gateway = 502,
  service_unavailable = 503,
  http_version_not_supported = 505,
  insufficient_storage = 507,
};

[[nodiscard]] constexpr int number_of(Status status) { return static_cast<int>(status); }
[[nodiscard]] constexpr bool is_success(Status status) {
  return number_of(status) >= 200 && number_of(status) < 300;
}
// "Not Found"; "Unknown" for a code that has no name here.
[[nodiscard]] std::string_view phrase(Status status);

}  // namespace pacs::http
