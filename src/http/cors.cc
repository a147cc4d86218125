#include "http/cors.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace pacs::http {
namespace {

constexpr std::string_view kMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
// What our own clients, viewers and tus clients send.
constexpr std::string_view kRequestFields =
    "Authorization, Content-Type, Accept, Range, If-Match, If-None-Match, If-Modified-Since, "
    "X-Requested-With, Tus-Resumable, Upload-Length, Upload-Offset, Upload-Metadata, "
    "Upload-Defer-Length, Upload-Checksum, X-HTTP-Method-Override";
constexpr std::string_view kExposedFields =
    "ETag, Location, Content-Location, Content-Range, Content-Disposition, Accept-Ranges, "
    "Link, Retry-After, Warning, X-Request-Id, X-Total-Count, Tus-Resumable, Tus-Version, "
    "Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Upload-Offset, Upload-Length, "
    "Upload-Metadata, Upload-Expires";
constexpr std::string_view kPreflightSeconds = "7200";  // the most that Chromium keeps

}  // namespace

CorsPolicy::CorsPolicy(std::vector<std::string> allowed_origins)
    : allowed_origins_(std::move(allowed_origins)) {
  allows_all_ =
      std::find(allowed_origins_.begin(), allowed_origins_.end(), "*") != allowed_origins_.end();
}

bool CorsPolicy::allows(std::string_view origin) const {
  return allows_all_ || std::find(allowed_origins_.begin(), allowed_origins_.end(), origin) !=
                            allowed_origins_.end();
}

Headers CorsPolicy::fields_for(Method method, const Headers& request_headers) const {
  Headers fields;
  if (allowed_origins_.empty()) return fields;
  // A cache must not give one origin's answer to another, also when this request names none.
  if (!allows_all_) fields.add("Vary", "Origin");
  const auto origin = request_headers.find("Origin");
  if (!origin || !allows(*origin)) return fields;
  fields.add("Access-Control-Allow-Origin", allows_all_ ? "*" : *origin);
  if (method == Method::options && request_headers.contains("Access-Control-Request-Method")) {
    fields.add("Access-Control-Allow-Methods", kMethods);
    fields.add("Access-Control-Allow-Headers", kRequestFields);
    fields.add("Access-Control-Max-Age", kPreflightSeconds);
  } else {
    fields.add("Access-Control-Expose-Headers", kExposedFields);
  }
  return fields;
}

}  // namespace pacs::http
