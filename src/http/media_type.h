// Media types (RFC 9110 8.3.1): the one that a message declares, and those that a client accepts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pacs::http {

struct MediaType {
  std::string type;                                             // lower case
  std::string subtype;                                          // lower case
  std::vector<std::pair<std::string, std::string>> parameters;  // names in lower case

  [[nodiscard]] std::string essence() const { return type + "/" + subtype; }
  [[nodiscard]] const std::string* parameter(std::string_view name) const;
};

// `type/subtype; name=value; name="quoted"`. Nothing when it is not well formed.
[[nodiscard]] std::optional<MediaType> parse_media_type(std::string_view text);

// One member of an Accept field (RFC 9110 12.5.1). `type` and `subtype` may be "*".
struct AcceptRange {
  MediaType media_type;  // without q
  int quality_permille = 1000;

  // Does "image/png" fall under "image/*"? Parameters are not looked at.
  [[nodiscard]] bool covers(std::string_view essence) const;
};

inline constexpr size_t kAcceptRangesMax = 64;  // no client sends more; the rest is left out

// Best first: by quality, then by how specific, then by place. Members that are not well formed
// are left out, since a client that sends one still wants an answer.
[[nodiscard]] std::vector<AcceptRange> parse_accept(std::string_view text);

// The quality (0 to 1000) that an Accept field gives to a media type by its most specific range;
// 1000 when there is no field, 0 when none covers it.
[[nodiscard]] int accept_quality(const std::optional<std::string>& accept,
                                 std::string_view essence);

// Does an Accept-Encoding field (RFC 9110 12.5.3) allow gzip?
[[nodiscard]] bool accepts_gzip(const std::optional<std::string>& accept_encoding);

}  // namespace pacs::http
