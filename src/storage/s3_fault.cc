#include "storage/s3_fault.h"

#include <algorithm>
#include <array>

#include <pugixml.hpp>

namespace pacs::storage {
namespace {

constexpr std::array<std::string_view, 12> kPassingCodes = {
    "SlowDown",
    "InternalError",
    "RequestTimeout",
    "ServiceUnavailable",
    "Busy",
    "Throttling",
    "ThrottlingException",
    "RequestThrottled",
    "RequestLimitExceeded",
    "OperationAborted",
    "BadDigest",  // damaged on the way there
    "XAmzContentSHA256Mismatch",
};

constexpr size_t kMessageBytesMax = 200;

// Of the store's own words only what fits a log line.
std::string printable(std::string_view text) {
  std::string line(text.substr(0, kMessageBytesMax));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
  return line;
}

}  // namespace

bool S3Fault::is_passing() const {
  switch (status) {
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return std::find(kPassingCodes.begin(), kPassingCodes.end(), code) != kPassingCodes.end();
  }
}

Error S3Fault::to_error() const {
  const std::string said = "the object store answered " + std::to_string(status) +
                           (code.empty() ? "" : " " + code) +
                           (message.empty() ? "" : ": " + message);
  if (is("NoSuchBucket")) return unavailable("no_such_bucket", said);
  if (is_passing()) return unavailable("store_unavailable", said);
  if (is("QuotaExceeded") || is("EntityTooLarge") || status == 507) {
    return resource_exhausted("no_space", said);
  }
  if (status == 404) return not_found("no_such_blob", "there is no stored object under this key");
  if (status == 401 || status == 403) return permission_denied("no_permission", said);
  if (status == 501) return unsupported("not_implemented", said);
  if (status >= 300 && status < 400) return unavailable("wrong_endpoint", said);
  return internal_error("store_refused", said);
}

S3Fault parse_s3_fault(const http::ClientResponse& answer) {
  S3Fault fault;
  fault.status = static_cast<int>(answer.status);
  fault.region = answer.headers.find("x-amz-bucket-region").value_or("");
  pugi::xml_document document;
  if (!answer.body.empty() && document.load_buffer(answer.body.data(), answer.body.size(),
                                                   pugi::parse_minimal | pugi::parse_escapes)) {
    const pugi::xml_node error = document.child("Error");
    fault.code = printable(error.child_value("Code"));
    fault.message = printable(error.child_value("Message"));
    if (const char* region = error.child_value("Region"); *region != '\0') fault.region = region;
  }
  if (fault.code.empty())
    fault.code = printable(answer.headers.find("x-amz-error-code").value_or(""));
  return fault;
}

}  // namespace pacs::storage
