// Everything about the server that an operator or a test may set. Each limit has its reason here.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/address.h"

namespace pacs::http {

struct TlsFiles {
  std::string certificate_chain_path{};  // PEM, the server's own certificate first
  std::string private_key_path{};        // PEM, without a passphrase
};

struct ListenAddress {
  std::string host{};  // an address or a name; "0.0.0.0" and "::" for all
  uint16_t port = 0;   // 0: any free one
};

struct ServerLimits {
  // Many clinics behind slow links hold one each; kernel memory bounds it, not ours.
  size_t connections_max = 16'384;
  // A browser opens six, a workstation's client a few dozen. Trusted proxies are not counted, nor
  // is the loopback address, where a proxy on the same machine comes from.
  size_t connections_per_client_max = 256;
  size_t workers_max = 1024;    // requests at once; each costs a small stack
  size_t workers_idle_min = 2;  // kept, so that the first request does not wait for a thread
  size_t worker_stack_bytes = 256 * 1024;
  size_t queue_length_max = 1024;  // requests that wait for a worker; beyond it: 503
  size_t head_bytes_max = 16 * 1024;
  size_t head_fields_max = 100;
  // The numbers of 2,000 frames in one path are 9 kB (PS3.18 10.4.1.1.6).
  size_t target_bytes_max = 12 * 1024;
  uint64_t body_bytes_max = uint64_t{8} << 30;  // a route's own limit is usually lower
  uint64_t drained_bytes_max = 256 * 1024;  // of a body that a handler left; more: close instead
  uint64_t bytes_per_second_min = 1000;     // either direction, beyond the first `pace_grace`
  std::chrono::milliseconds pace_grace{10'000};
  std::chrono::milliseconds stall_max{30'000};        // without a single byte, either direction
  std::chrono::milliseconds head_time_max{10'000};    // from its first byte, TLS handshake included
  std::chrono::milliseconds idle_time_max{60'000};    // between requests, and before the first
  std::chrono::milliseconds linger_time_max{5'000};   // reading on after a refusal, so it is seen
  std::chrono::milliseconds stop_grace{30'000};       // for requests in flight when stopping
  std::chrono::milliseconds worker_idle_max{10'000};  // an idle thread beyond the minimum ends
};

struct ServerOptions {
  std::vector<ListenAddress> listen{};
  std::string unix_socket_path{};  // empty: none; made with mode 0600, an old one is replaced
  std::optional<TlsFiles> tls{};   // for `listen`, not for the Unix socket
  std::vector<AddressBlock> trusted_proxies{};
  std::vector<std::string> cors_allowed_origins{};
  ServerLimits limits{};
};

}  // namespace pacs::http
