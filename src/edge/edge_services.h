// What every edge over HTTP uses, as the composition root hands it over.
#pragma once

#include <string>

#include "core/clock.h"

namespace pacs::access {
class Authenticator;
class GatheredAudit;
}  // namespace pacs::access

namespace pacs::storage {
class SigningKeys;
}

namespace pacs::edge {

// All that is named by reference outlives the routes. Any thread may use any of it.
struct EdgeServices {
  access::Authenticator& authenticator;
  access::GatheredAudit& audit;
  const Clock& clock;
  const storage::SigningKeys& signing_keys;  // of the cursors of lists
  std::string public_url{};                  // empty: taken from each request
  std::string proxy_user_header{};           // empty: proxies name no users
  std::string proxy_roles_header{};
};

}  // namespace pacs::edge
