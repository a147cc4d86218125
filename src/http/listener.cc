#include "http/listener.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace pacs::http {
namespace {

constexpr int kBacklog = 4096;  // the kernel caps it at net.core.somaxconn

void set_option(int socket, int level, int name, int value) {
  setsockopt(socket, level, name, &value, sizeof value);
}

uint16_t port_of(int socket) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6*>(&address)->sin6_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

Result<Listener> listen_on_one(const addrinfo& info, const std::string& shown) {
  UniqueFd socket(::socket(info.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return system_error(errno, "making a socket to listen on");
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (info.ai_family == AF_INET6) {
    // "::" means every address, also those of IPv4.
    const auto& address = reinterpret_cast<const sockaddr_in6*>(info.ai_addr)->sin6_addr;
    set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, IN6_IS_ADDR_UNSPECIFIED(&address) ? 0 : 1);
  }
  if (bind(socket.get(), info.ai_addr, info.ai_addrlen) != 0 ||
      listen(socket.get(), kBacklog) != 0) {
    if (errno == EADDRINUSE) {
      return unavailable("address_in_use", "another program listens on " + shown + " already");
    }
    if (errno == EADDRNOTAVAIL) {
      return invalid_argument("bad_address", "this machine has no address " + shown);
    }
    return system_error(errno, "listening on " + shown);
  }
  const uint16_t port = port_of(socket.get());
  return Listener{std::move(socket), port, false};
}

std::optional<IpAddress> address_of(const sockaddr_storage& address) {
  std::array<uint8_t, 16> bytes{};
  if (address.ss_family == AF_INET6) {
    std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr, 16);
    return IpAddress::from_bytes(bytes);
  }
  if (address.ss_family != AF_INET) return std::nullopt;
  bytes[10] = bytes[11] = 0xff;
  std::memcpy(bytes.data() + 12, &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, 4);
  return IpAddress::from_bytes(bytes);
}

}  // namespace

Result<std::vector<Listener>> listen_on(const ListenAddress& address) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_ADDRCONFIG;
  // An address in brackets, as URLs have it, is meant too.
  const auto literal = IpAddress::parse(address.host);
  if (literal) wanted.ai_flags = AI_PASSIVE | AI_NUMERICHOST;
  const std::string host = literal ? literal->text() : address.host;
  const std::string shown = host + " port " + std::to_string(address.port);
  addrinfo* found = nullptr;
  const int failure =
      getaddrinfo(host.c_str(), std::to_string(address.port).c_str(), &wanted, &found);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
  if (failure != 0) {
    return invalid_argument("bad_address",
                            "cannot listen on " + shown + ": " + gai_strerror(failure));
  }
  std::vector<Listener> listeners;
  for (addrinfo* info = found; info != nullptr; info = info->ai_next) {
    if (!listeners.empty() && address.port == 0) {
      // The name's other addresses share the port that the first one was given.
      const uint16_t chosen = htons(listeners.front().port);
      if (info->ai_family == AF_INET6) {
        reinterpret_cast<sockaddr_in6*>(info->ai_addr)->sin6_port = chosen;
      } else {
        reinterpret_cast<sockaddr_in*>(info->ai_addr)->sin_port = chosen;
      }
    }
    listeners.push_back(PACS_TRY(listen_on_one(*info, shown)));
  }
  return listeners;
}

Result<Listener> listen_on_unix_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return invalid_argument("bad_address", "the path of the Unix socket has more than 107 bytes");
  }
  std::copy(path.begin(), path.end(), address.sun_path);
  struct stat status {};
  if (lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) {
      return already_exists("file_exists", "something that is no socket has the socket's name");
    }
    unlink(path.c_str());
  }
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return system_error(errno, "making the Unix socket");
  // Set before bind(2), which copies it: the name is never there with wider rights.
  if (fchmod(socket.get(), 0600) != 0 ||
      bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      chmod(path.c_str(), 0600) != 0 || listen(socket.get(), kBacklog) != 0) {
    return system_error(errno, "listening on the Unix socket");
  }
  return Listener{std::move(socket), 0, true};
}

Result<Accepted> accept_from(const Listener& listener) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  UniqueFd socket(accept4(listener.socket.get(), reinterpret_cast<sockaddr*>(&address), &length,
                          SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket)
    return system_error(errno == ECONNABORTED ? EAGAIN : errno, "accepting a connection");
  Peer peer;
  if (listener.is_local) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
      return system_error(errno, "asking who is at the other end of the Unix socket");
    }
    peer.local_user_id = credentials.uid;
  } else {
    peer.address = address_of(address);
    // Heads and bodies are put together before they are sent; nothing is won by waiting.
    set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  }
  return Accepted{std::move(socket), peer};
}

}  // namespace pacs::http
