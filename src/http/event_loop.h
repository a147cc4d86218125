// Accepts connections and watches those that no worker has: idle ones, heads still arriving, ended
// ones that are being listened out. One thread runs it; workers hand connections back to it.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <vector>

#include "core/clock.h"
#include "core/file.h"
#include "core/metrics.h"
#include "http/connection_table.h"
#include "http/listener.h"
#include "http/server_options.h"
#include "http/tls.h"

namespace pacs::http {

class EventLoop {
 public:
  struct Parts {
    const ServerLimits& limits;
    std::vector<Listener>& listeners;
    const TlsAcceptor* tls;  // nullptr: plain
    ConnectionTable& table;
    const Clock& clock;
    Metrics& metrics;
    // Gives a connection to a worker; false when there is no room.
    std::function<bool(Connection&)> dispatch;
    // Sends an error in place of what was asked for, and never waits.
    std::function<void(Transport&, const Peer&, const Error&)> turn_away;
  };

  // `unavailable` or `resource_exhausted` when the system gives no epoll instance.
  [[nodiscard]] static Result<std::unique_ptr<EventLoop>> create(Parts parts);

  // Until stop().
  void run();
  // Any thread, also a signal handler.
  void stop();

  // From a worker: the connection waits for its next head, or for the rest of one.
  void wait_for_head(Connection& connection);
  // From a worker or the loop: the last answer is out.
  void linger(Connection& connection);

 private:
  EventLoop(Parts parts, UniqueFd epoll, UniqueFd wake_up);

  void accept_all(Listener& listener);
  void admit(Accepted accepted, const Listener& listener);
  void refuse_for_want_of_descriptors(const Listener& listener);
  void become_ready(Connection& connection);
  void shed(Connection& connection);
  void listen_out(Connection& connection);
  void sweep();
  void park(Connection& connection);
  void arm(Connection& connection) const;

  Parts parts_;
  UniqueFd epoll_;
  UniqueFd wake_up_;
  UniqueFd spare_;  // given up to accept and refuse one connection when descriptors run out
  Gauge& connections_;
  Counter& shed_;
  std::atomic<bool> stopping_{false};
};

}  // namespace pacs::http
