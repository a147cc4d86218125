// The parts of a request target and their percent-encoding (RFC 3986 2.1, 3.3, 3.4).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace pacs::http {

// Every escape must be "%" and two hexadecimal digits, and what comes out must be UTF-8 without
// control characters; nothing otherwise. '+' stays '+'.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);
// Everything but the unreserved characters (RFC 3986 2.3) is escaped, in upper case.
[[nodiscard]] std::string percent_encode(std::string_view text);
// The same, with '/' left as it is: for whole paths.
[[nodiscard]] std::string percent_encode_path(std::string_view path);

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// "a=1&b=x%20y", '+' being a space as browsers' forms have it. `invalid_argument` (reason
// "bad_query") for a wrong escape or more than kQueryParametersMax of them.
inline constexpr size_t kQueryParametersMax = 256;  // a search has a few dozen attributes
[[nodiscard]] Result<QueryParameters> parse_query(std::string_view raw_query);
[[nodiscard]] std::string encode_query(const QueryParameters& parameters);

// What stands in a request line (RFC 9112 3.2): the origin form "/path?query", the absolute form
// "http://host/path", or "*".
struct RequestTarget {
  std::string path;                      // raw, as sent; "*" for the asterisk form
  std::string query;                     // raw, without "?"
  std::optional<std::string> scheme;     // of the absolute form
  std::optional<std::string> authority;  // of the absolute form
};
// Nothing when it is none of the three forms, has a fragment, or a byte outside visible ASCII.
[[nodiscard]] std::optional<RequestTarget> parse_request_target(std::string_view target);
// The grammar of a Host field (RFC 9110 7.2), without user information.
[[nodiscard]] bool is_host(std::string_view host);

// An absolute http or https URL, for the client.
struct Url {
  std::string scheme;  // lower case
  std::string host;
  uint16_t port = 0;  // the scheme's own when none is given
  std::string target;
};
[[nodiscard]] std::optional<Url> parse_url(std::string_view url);

}  // namespace pacs::http
