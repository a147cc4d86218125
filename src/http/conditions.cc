#include "http/conditions.h"

#include <algorithm>
#include <ctime>

#include "core/text.h"

namespace pacs::http {
namespace {

enum class Comparison { strong, weak };

bool same_tag(std::string_view left, std::string_view right, Comparison comparison) {
  const bool weak = left.starts_with("W/") || right.starts_with("W/");
  if (weak && comparison == Comparison::strong) return false;
  if (left.starts_with("W/")) left.remove_prefix(2);
  if (right.starts_with("W/")) right.remove_prefix(2);
  return left == right;
}

bool any_tag_matches(const Headers& headers, std::string_view field, std::string_view etag,
                     Comparison comparison) {
  const auto tags = headers.list(field);
  return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) {
    return tag == "*" || (!etag.empty() && same_tag(tag, etag, comparison));
  });
}

// HTTP dates have whole seconds.
UnixMillis to_whole_seconds(UnixMillis time) { return time - time % 1000; }

bool unmodified_since(const Validators& current, std::string_view date) {
  const auto since = parse_http_date(date);
  return !since || !current.last_modified || to_whole_seconds(*current.last_modified) <= *since;
}

}  // namespace

Precondition evaluate_preconditions(Method method, const Headers& headers,
                                    const Validators& current) {
  const bool reads = method == Method::get || method == Method::head;
  if (headers.contains("If-Match")) {
    if (!any_tag_matches(headers, "If-Match", current.etag, Comparison::strong)) {
      return Precondition::failed;
    }
  } else if (const auto date = headers.find("If-Unmodified-Since")) {
    if (!unmodified_since(current, *date)) return Precondition::failed;
  }
  if (headers.contains("If-None-Match")) {
    if (any_tag_matches(headers, "If-None-Match", current.etag, Comparison::weak)) {
      return reads ? Precondition::not_modified : Precondition::failed;
    }
  } else if (const auto date = headers.find("If-Modified-Since"); date && reads) {
    if (current.last_modified && parse_http_date(*date) && unmodified_since(current, *date)) {
      return Precondition::not_modified;
    }
  }
  return Precondition::proceed;
}

bool if_range_holds(const Headers& headers, const Validators& current) {
  const auto field = headers.find("If-Range");
  if (!field) return true;
  const std::string_view value = trim(*field);
  if (value.starts_with('"') || value.starts_with("W/")) {
    return !current.etag.empty() && same_tag(value, current.etag, Comparison::strong);
  }
  const auto date = parse_http_date(value);
  return date && current.last_modified && to_whole_seconds(*current.last_modified) == *date;
}

std::string quoted_etag(std::string_view opaque) { return "\"" + std::string(opaque) + "\""; }

std::optional<UnixMillis> parse_http_date(std::string_view text) {
  const std::string terminated(text);
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    std::tm parts{};
    const char* end = strptime(terminated.c_str(), format, &parts);
    if (end == nullptr || *end != '\0') continue;
    return UnixMillis{timegm(&parts)} * 1000;
  }
  return std::nullopt;
}

}  // namespace pacs::http
