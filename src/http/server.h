// The HTTP/1.1 server (RFC 9112). Idle connections and heads that are still arriving are parked on
// epoll and cost no thread; a request whose head is complete runs on a worker as blocking code.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/metrics.h"
#include "http/handler.h"
#include "http/server_options.h"

namespace pacs::http {

class Server {
 public:
  // Binds and listens: on success clients can connect and wait for run(). On failure nothing is
  // left open. Sets SIGPIPE to ignored for the whole process, since sendfile(2) knows no other way.
  // Errors: `unavailable` (reason "address_in_use"), `invalid_argument` ("bad_address",
  // "bad_certificate"), those of the system. What is passed by reference outlives the server.
  [[nodiscard]] static Result<std::unique_ptr<Server>> create(ServerOptions options,
                                                              Handler handler, const Clock& clock,
                                                              Random& random, Metrics& metrics);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The ports that listen, in the order of the options.
  [[nodiscard]] const std::vector<uint16_t>& ports() const;

  // Serves until stop(), then: no new connections, idle ones closed, requests in flight finished
  // within `stop_grace`, after that broken off. Returns when no worker runs any more. Once only.
  void run();

  // Any thread, also a signal handler, any number of times.
  void stop();

  // Reads the certificate and key files again for new connections. On failure the old ones stay in
  // use and the error is logged and returned. Does nothing without TLS. Any thread.
  Result<void> reload_tls();

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pacs::http
