// On whose behalf a request runs, once it is known who sent it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "access/roles.h"
#include "core/clock.h"

namespace pacs::access {

// A share link opens this study and others that it names, and nothing else.
struct BoundStudy {
  int64_t id = 0;
  std::string uid;
  friend bool operator==(const BoundStudy&, const BoundStudy&) = default;
};

struct Principal {
  // Stable, unique over all kinds, at most kIdBytesMax printable bytes: "token:12", "link:13",
  // "jwt:https://issuer|subject" ("|" and "%" of the issuer percent-encoded), "proxy:user",
  // "socket:1000". It owns uploads and stands in the audit log.
  std::string id;
  std::string display_name;  // for people; UTF-8 without control characters
  Roles roles;
  // Of a share link; it may come to none. Nothing for everybody else.
  std::optional<std::vector<BoundStudy>> bound_studies;
  std::optional<UnixMillis> expires_at;

  static constexpr size_t kIdBytesMax = 1024;

  // When a link that this principal asks for may expire at the latest: who holds a share link must
  // not make links that outlive it.
  [[nodiscard]] UnixMillis latest_expiry(UnixMillis wanted) const {
    return bound_studies && expires_at ? std::min(wanted, *expires_at) : wanted;
  }
};

}  // namespace pacs::access
