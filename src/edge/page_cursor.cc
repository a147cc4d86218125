#include "edge/page_cursor.h"

#include <algorithm>

#include "core/bytes.h"
#include "core/crypto.h"
#include "http/uri.h"

namespace pacs::edge {
namespace {

// The first line of what is signed: the keys sign media URLs too, and neither is good as the other.
constexpr std::string_view kCursorDomain = "pacs-lite-cursor-v1";
constexpr size_t kCursorBytesMax = 8192;  // a place has at most one text of 1 kB (folded: more)

std::string mac_of(Bytes secret, std::string_view payload, std::string_view list) {
  std::string text(kCursorDomain);
  text.append("\n").append(payload).append("\n").append(list);
  return to_base64url(hmac_sha256(secret, as_bytes(text)).bytes);
}

}  // namespace

std::string list_of(const http::Request& request, const Caller& caller,
                    std::initializer_list<std::string_view> about_pages) {
  http::QueryParameters filters;
  for (const auto& parameter : request.query) {
    const bool is_about_pages =
        std::find(about_pages.begin(), about_pages.end(), parameter.first) != about_pages.end();
    if (!is_about_pages && !parameter.second.empty()) filters.push_back(parameter);
  }
  std::sort(filters.begin(), filters.end());
  std::string scope = std::to_string(static_cast<int>(caller.scope.kind()));
  for (const int64_t study_id : caller.scope.study_ids()) scope += ":" + std::to_string(study_id);
  return http::encode_query({{"route", request.raw_path},
                             {"filters", http::encode_query(filters)},
                             {"reader", caller.principal.id},
                             {"roles", caller.principal.roles.str()},
                             {"scope", scope}});
}

// PAYLOAD.KEYID.MAC
std::string write_page_cursor(std::string_view place, std::string_view list,
                              const storage::SigningKeys& keys) {
  const storage::SigningKey key = keys.current();
  const std::string payload = to_base64url(as_bytes(place));
  return payload + "." + key.id + "." + mac_of(key.secret, payload, list);
}

Result<std::string> read_page_cursor(std::string_view text, std::string_view list,
                                     const storage::SigningKeys& keys) {
  if (text.size() > kCursorBytesMax) return bad_page_cursor();
  const size_t first = text.find('.');
  const size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return bad_page_cursor();
  const std::string_view payload = text.substr(0, first);
  const auto key = keys.find_valid(text.substr(first + 1, second - first - 1));
  if (!key) return bad_page_cursor();
  const std::string expected = mac_of(key->secret, payload, list);
  if (!equal_in_constant_time(as_bytes(expected), as_bytes(text.substr(second + 1)))) {
    return bad_page_cursor();
  }
  const auto place = from_base64url(payload);
  if (!place) return bad_page_cursor();
  return std::string(as_text(*place));
}

Error bad_page_cursor() {
  return invalid_argument("bad_cursor",
                          "the cursor does not belong to this list; begin again without it");
}

}  // namespace pacs::edge
