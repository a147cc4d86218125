// Which web pages of other origins may call this server (the Fetch standard's CORS protocol).
#pragma once

#include <string>
#include <vector>

#include "http/headers.h"
#include "http/method.h"

namespace pacs::http {

class CorsPolicy {
 public:
  // Origins as browsers send them ("https://viewer.example"); "*" allows every one. Credentials
  // (cookies) are never allowed: tokens travel in a header that the page sets itself.
  explicit CorsPolicy(std::vector<std::string> allowed_origins = {});

  // The fields that an answer to a request with these headers carries, those of a preflight
  // included; empty for an origin that is not allowed, but for Vary.
  [[nodiscard]] Headers fields_for(Method method, const Headers& request_headers) const;

 private:
  [[nodiscard]] bool allows(std::string_view origin) const;
  std::vector<std::string> allowed_origins_;
  bool allows_all_ = false;
};

}  // namespace pacs::http
