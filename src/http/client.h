// A small blocking HTTP client. Follows no redirect, takes no proxy from the environment.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/stream.h"
#include "http/headers.h"
#include "http/status.h"

namespace pacs::http {

struct ClientOptions {
  std::string unix_socket_path{};  // empty: TCP, to the host of the URL
  std::string ca_file{};           // PEM; empty: the system's
  enum class VerifyTls { yes, no };
  VerifyTls verify_tls = VerifyTls::yes;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds stall_timeout{30'000};  // without a byte a second, either direction
  std::chrono::milliseconds total_timeout{0};       // 0: none, the stall timeout bounds it
  std::chrono::seconds idle_time_max{118};          // an older idle connection is not used again
};

struct ClientRequest {
  std::string method = "GET";
  std::string url{};  // absolute; with a Unix socket the host only goes into the Host field
  Headers headers{};
  std::string body{};                      // sent unless `body_source` is set
  ByteSource* body_source = nullptr;       // read once
  std::optional<uint64_t> body_length{};   // of body_source; nothing: chunked
  ByteSink* response_sink = nullptr;       // where the body of a 2xx answer goes; else into `body`
  uint64_t response_bytes_max = 64 << 20;  // of a body held in memory; more: "too_large"
  std::chrono::milliseconds total_timeout{0};  // 0: that of the client
  uint64_t bytes_per_second_min = 1;           // slower for the stall timeout: "timed_out"
};

struct ClientResponse {
  Status status = Status::ok;
  Headers headers;
  std::string body;  // empty when it went to the sink
};

// Keeps its connection for the next request to the same host. One thread at a time.
class Client {
 public:
  explicit Client(ClientOptions options = {});
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // Any status is an answer, not an error. Errors: `invalid_argument` ("bad_url"), `unavailable`
  // ("connect_failed", "timed_out", "connection_lost", "tls_failed"), `resource_exhausted`
  // ("too_large"), those of the source and the sink. After an error the sink may have had a part.
  Result<ClientResponse> send(const ClientRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pacs::http
