// Conditional requests (RFC 9110 13): entity tags and dates against what a client has.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "http/headers.h"
#include "http/method.h"

namespace pacs::http {

// The validators of what is about to be sent.
struct Validators {
  std::string etag{};  // with its quotes: "\"abc\""; empty for none
  std::optional<UnixMillis> last_modified{};
};

enum class Precondition { proceed, not_modified, failed };

// If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, in the order of RFC 9110 13.2.2.
[[nodiscard]] Precondition evaluate_preconditions(Method method, const Headers& headers,
                                                  const Validators& current);
// May the Range field be honoured? Without If-Range, or when it names exactly what is here.
[[nodiscard]] bool if_range_holds(const Headers& headers, const Validators& current);

// `sha256hex` as a strong entity tag.
[[nodiscard]] std::string quoted_etag(std::string_view opaque);
// RFC 9110 5.6.7, all three forms of a date; nothing for anything else.
[[nodiscard]] std::optional<UnixMillis> parse_http_date(std::string_view text);

}  // namespace pacs::http
