// Sockets that wait for clients.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/file.h"
#include "http/request.h"
#include "http/server_options.h"

namespace pacs::http {

struct Listener {
  UniqueFd socket;
  uint16_t port = 0;  // 0 for a Unix socket
  bool is_local = false;
};

// Every address that the host's name has; they share one port. Errors: `invalid_argument` (reason
// "bad_address"), `unavailable` ("address_in_use"), those of the system.
[[nodiscard]] Result<std::vector<Listener>> listen_on(const ListenAddress& address);

// A Unix socket that only its owner may use (mode 0600). A socket left behind under that path is
// replaced; anything else there is an error (`already_exists`).
[[nodiscard]] Result<Listener> listen_on_unix_socket(const std::string& path);

// One accepted connection, non-blocking.
struct Accepted {
  UniqueFd socket;
  Peer peer;
};
// `unavailable` (reason "try_again") when nobody waits, `resource_exhausted` ("no_descriptors",
// "no_memory") when the process has no room.
[[nodiscard]] Result<Accepted> accept_from(const Listener& listener);

}  // namespace pacs::http
