// Cookies (RFC 6265): the one of a name that a client sends, and the field that sets one.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/headers.h"

namespace pacs::http {

// The value of the first cookie of that name, as it was sent; nothing when there is none. Of two of
// one name a browser sends that with the longer path first (RFC 6265 5.4).
[[nodiscard]] std::optional<std::string_view> find_cookie(const Headers& headers,
                                                          std::string_view name);

enum class SameSite { lax, strict };

// Name, value and path are of ours: no character that would need to be quoted.
struct Cookie {
  std::string name;
  std::string value;
  std::string path;
  SameSite same_site = SameSite::strict;
  bool is_secure = false;                         // sent back over TLS alone
  std::optional<std::chrono::seconds> max_age{};  // nothing: until the browser is closed; 0: erased
};

// The value of a Set-Cookie field. HttpOnly in any case: no script of ours reads a cookie.
[[nodiscard]] std::string set_cookie(const Cookie& cookie);

}  // namespace pacs::http
