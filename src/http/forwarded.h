// Who the client is behind reverse proxies: X-Forwarded-For, -Proto, -Host, and Forwarded
// (RFC 7239), believed from trusted addresses alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/address.h"
#include "http/headers.h"

namespace pacs::http {

struct ClientOrigin {
  std::optional<IpAddress> address;  // nothing: a local socket, or a proxy that hides its client
  std::string scheme;                // "http" or "https"
  std::string host;                  // as a Host field has it; may be empty with HTTP/1.0
};

// `direct` is what the connection itself says. Headers count only when `direct.address` is in
// `trusted`. The client is the rightmost address that is not trusted itself, since everything to
// the left of it may be invented. X-Forwarded-* wins over Forwarded, because a proxy that sets the
// one passes on a client's forged other.
[[nodiscard]] ClientOrigin client_origin(const ClientOrigin& direct, const Headers& headers,
                                         const std::vector<AddressBlock>& trusted);

}  // namespace pacs::http
