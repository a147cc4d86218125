#include "http/cookie.h"

#include "core/text.h"

namespace pacs::http {

std::optional<std::string_view> find_cookie(const Headers& headers, std::string_view name) {
  for (const std::string_view field : headers.all("Cookie")) {
    for (const std::string_view pair : split(field, ';')) {
      const std::string_view cookie = trim(pair);
      const size_t equals = cookie.find('=');
      if (equals != std::string_view::npos && cookie.substr(0, equals) == name) {
        return cookie.substr(equals + 1);
      }
    }
  }
  return std::nullopt;
}

std::string set_cookie(const Cookie& cookie) {
  std::string field = cookie.name + "=" + cookie.value + "; Path=" + cookie.path + "; HttpOnly";
  field += cookie.same_site == SameSite::lax ? "; SameSite=Lax" : "; SameSite=Strict";
  if (cookie.is_secure) field += "; Secure";
  if (cookie.max_age) field += "; Max-Age=" + std::to_string(cookie.max_age->count());
  return field;
}

}  // namespace pacs::http
