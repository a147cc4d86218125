// What an edge found in a request that may tell who sent it. Values are as they were sent; which of
// them count is decided in authenticator.h alone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace pacs::access {

// Views into the request, which outlives this.
struct Credentials {
  // The values of all fields of that name: one that came twice is refused, not guessed at.
  std::vector<std::string_view> authorization;  // "Bearer …"
  std::vector<std::string_view> proxy_user;     // of PACS_LITE's proxy user header, when one is set
  std::vector<std::string_view> proxy_roles;    // likewise; several are taken together

  // The connection's other end is one of PACS_LITE_TRUSTED_PROXIES.
  bool peer_is_trusted_proxy = false;
  // The client's address once trusted proxies were believed, as sixteen bytes (IPv4 mapped into
  // IPv6, RFC 4291 2.5.5.2): failures are counted by it. Nothing for the Unix socket.
  std::optional<std::array<uint8_t, 16>> client_address;
  // The user at the other end of the Unix socket in the data folder.
  std::optional<uint32_t> local_user_id;
  // The secret of a share link, from the parameter `token` of a viewer URL; empty when none.
  std::string_view share_token;
  // The link below whose own path the request came, and the cookie of that link. Then nothing else
  // that the request brings counts: a link's page shows what the link opens, whoever is signed in.
  std::string_view link_id;
  std::string_view link_cookie;
  // The token of the cookie by which a browser has signed in to the viewer; empty when none, and
  // for a request that could change anything, since another site may have made a browser send it.
  std::string_view session_token;
};

}  // namespace pacs::access
