#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <optional>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/log.h"
#include "http/connection_table.h"
#include "http/event_loop.h"
#include "http/exchange.h"
#include "http/listener.h"
#include "http/tls.h"
#include "http/worker_pool.h"

namespace pacs::http {
namespace {

// A client that is in the middle of something asks again at once: while nobody needs the worker it
// waits this long for it, which is cheaper than handing the connection over and back.
constexpr int kNextRequestWaitMs = 2;

// The checks of a sanitizer need several times the stack.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kStackFactor = 8;
#else
constexpr size_t kStackFactor = 1;
#endif

bool wait_briefly(const Connection& connection) {
  pollfd waiting{connection.descriptor(), POLLIN, 0};
  return poll(&waiting, 1, kNextRequestWaitMs) > 0;
}

// Closing with this set sends a reset: a client that reads to the end of the connection learns that
// it did not get everything.
void reset_on_close(int socket) {
  const linger hard{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

WorkerPoolOptions pool_options(const ServerLimits& limits) {
  return {limits.workers_max, limits.workers_idle_min, limits.worker_stack_bytes * kStackFactor,
          limits.queue_length_max, limits.worker_idle_max};
}

}  // namespace

struct Server::State {
  State(ServerOptions the_options, Handler handler, const Clock& the_clock, Random& random,
        Metrics& metrics)
      : options(std::move(the_options)),
        clock(the_clock),
        table({options.limits.connections_max, options.limits.connections_per_client_max,
               [this](const IpAddress& address) {
                 return address.is_loopback() || contains(options.trusted_proxies, address);
               }}),
        exchange(options, std::move(handler), clock, random, metrics, stopping),
        pool(pool_options(options.limits), [this](Connection& connection) { work(connection); }) {}

  void work(Connection& connection);
  void finish_requests();

  const ServerOptions options;
  const Clock& clock;
  std::atomic<bool> stopping{false};
  std::optional<TlsAcceptor> tls;
  std::vector<Listener> listeners;
  std::vector<uint16_t> ports;
  ConnectionTable table;
  Exchange exchange;
  WorkerPool pool;
  std::unique_ptr<EventLoop> loop;
};

// A worker's turn with a connection: all requests that are there, then back to the loop.
void Server::State::work(Connection& connection) {
  bool may_wait = false;  // only after a request, and once
  while (true) {
    switch (exchange.advance(connection)) {
      case Exchange::Next::again:
        connection.phase = Connection::Phase::idle;
        may_wait = connection.input().empty();
        break;
      case Exchange::Next::wait_more:
        if (std::exchange(may_wait, false) && pool.has_room() && !stopping.load() &&
            wait_briefly(connection)) {
          break;
        }
        loop->wait_for_head(connection);
        return;
      case Exchange::Next::linger:
        loop->linger(connection);
        return;
      case Exchange::Next::break_off:
        reset_on_close(connection.descriptor());
        table.remove(connection);
        return;
      case Exchange::Next::close:
        table.remove(connection);
        return;
    }
  }
}

void Server::State::finish_requests() {
  table.close_parked();
  if (!pool.wait_until_idle(options.limits.stop_grace)) {
    log_warning("http_requests_broken_off", {{"connections", uint64_t{table.size()}}});
    table.break_off_all();
  }
  pool.finish();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

Server::~Server() {
  if (!state_->options.unix_socket_path.empty()) unlink(state_->options.unix_socket_path.c_str());
}

Result<std::unique_ptr<Server>> Server::create(ServerOptions options, Handler handler,
                                               const Clock& clock, Random& random,
                                               Metrics& metrics) {
  std::signal(SIGPIPE, SIG_IGN);
  auto state =
      std::make_unique<State>(std::move(options), std::move(handler), clock, random, metrics);
  if (state->options.tls) state->tls.emplace(PACS_TRY(TlsAcceptor::create(*state->options.tls)));
  for (const ListenAddress& address : state->options.listen) {
    auto listeners = PACS_TRY(listen_on(address));
    state->ports.push_back(listeners.front().port);
    std::move(listeners.begin(), listeners.end(), std::back_inserter(state->listeners));
  }
  if (!state->options.unix_socket_path.empty()) {
    state->listeners.push_back(PACS_TRY(listen_on_unix_socket(state->options.unix_socket_path)));
  }
  State& parts = *state;
  state->loop = PACS_TRY(EventLoop::create(
      {parts.options.limits, parts.listeners, parts.tls ? &*parts.tls : nullptr, parts.table, clock,
       metrics, [&parts](Connection& connection) { return parts.pool.submit(connection); },
       [&parts](Transport& transport, const Peer& peer, const Error& error) {
         parts.exchange.turn_away(transport, peer, error);
       }}));
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

const std::vector<uint16_t>& Server::ports() const { return state_->ports; }

void Server::run() {
  state_->loop->run();
  state_->stopping.store(true);
  for (Listener& listener : state_->listeners) listener.socket = UniqueFd();
  state_->finish_requests();
}

void Server::stop() {
  state_->stopping.store(true);
  state_->loop->stop();
}

Result<void> Server::reload_tls() {
  if (!state_->tls) return {};
  auto reloaded = state_->tls->reload();
  if (reloaded) {
    log_info("tls_certificate_reloaded");
  } else {
    log_error("tls_certificate_not_reloaded", {{"error", to_string(reloaded.error())}});
  }
  return reloaded;
}

}  // namespace pacs::http
