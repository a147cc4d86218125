#include "http/event_loop.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/log.h"

namespace pacs::http {
namespace {

using std::chrono::milliseconds;

constexpr int kEventsMax = 256;
constexpr int kAcceptsAtOnce = 64;  // so that a flood of new ones does not starve the others
constexpr milliseconds kSweepInterval{200};  // how late a deadline may be noticed
// Refused connections may exceed the limit by this many, to be told so before they are closed.
constexpr size_t kRefusedMax = 256;
constexpr size_t kDroppedAtOnce = size_t{1} << 20;  // of an ended connection, before others' turn

Error server_is_full() {
  return unavailable("busy", "the server is busy, try again in a few seconds");
}

Error head_too_slow() {
  return unavailable("head_too_slow", "the head of the request did not arrive in time");
}

// What an epoll event belongs to: listeners by index, the wake-up, or a connection's address, which
// is never as small.
constexpr uint64_t kWakeUpTag = 1;
constexpr uint64_t kFirstListenerTag = 2;

void watch(int epoll, int descriptor, uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

}  // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::create(Parts parts) {
  UniqueFd epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return system_error(errno, "making an epoll instance");
  UniqueFd wake_up(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake_up) return system_error(errno, "making an event descriptor");
  return std::unique_ptr<EventLoop>(
      new EventLoop(std::move(parts), std::move(epoll), std::move(wake_up)));
}

EventLoop::EventLoop(Parts parts, UniqueFd epoll, UniqueFd wake_up)
    : parts_(std::move(parts)),
      epoll_(std::move(epoll)),
      wake_up_(std::move(wake_up)),
      spare_(open("/dev/null", O_RDONLY | O_CLOEXEC)),
      connections_(parts_.metrics.gauge("pacs_lite_http_connections", "Open connections")),
      shed_(parts_.metrics.counter("pacs_lite_http_shed_total",
                                   "Connections answered 503 because the server was full")) {
  watch(epoll_.get(), wake_up_.get(), kWakeUpTag);
  for (size_t index = 0; index < parts_.listeners.size(); ++index) {
    watch(epoll_.get(), parts_.listeners[index].socket.get(), kFirstListenerTag + index);
  }
}

void EventLoop::stop() {
  stopping_.store(true);
  const uint64_t one = 1;
  // Nothing could be done about a failure here, and a full counter wakes as well.
  [[maybe_unused]] const ssize_t written = write(wake_up_.get(), &one, sizeof one);
}

void EventLoop::run() {
  std::array<epoll_event, kEventsMax> events{};
  auto next_sweep = parts_.clock.monotonic() + kSweepInterval;
  while (!stopping_.load()) {
    const int count = epoll_wait(epoll_.get(), events.data(), kEventsMax,
                                 static_cast<int>(kSweepInterval.count()));
    for (int index = 0; index < count && !stopping_.load(); ++index) {
      const uint64_t tag = events[static_cast<size_t>(index)].data.u64;
      if (tag == kWakeUpTag) continue;
      if (tag < kFirstListenerTag + parts_.listeners.size()) {
        accept_all(parts_.listeners[tag - kFirstListenerTag]);
      } else {
        become_ready(*reinterpret_cast<Connection*>(tag));
      }
    }
    if (parts_.clock.monotonic() >= next_sweep) {
      sweep();
      next_sweep = parts_.clock.monotonic() + kSweepInterval;
    }
  }
}

void EventLoop::accept_all(Listener& listener) {
  for (int count = 0; count < kAcceptsAtOnce; ++count) {
    auto accepted = accept_from(listener);
    if (accepted) {
      admit(std::move(*accepted), listener);
      continue;
    }
    if (accepted.error().code == ErrorCode::resource_exhausted) {
      refuse_for_want_of_descriptors(listener);
    }
    return;
  }
}

// A connection that cannot be accepted would make the listener ready for ever. One descriptor is
// kept to take it in and send it away.
void EventLoop::refuse_for_want_of_descriptors(const Listener& listener) {
  log_warning("http_out_of_descriptors", {{"connections", uint64_t{parts_.table.size()}}});
  shed_.add();
  spare_ = UniqueFd();
  if (auto accepted = accept_from(listener)) {
    const auto transport = plain_transport(std::move(accepted->socket));
    if (parts_.tls == nullptr || listener.is_local) {
      parts_.turn_away(*transport, accepted->peer, server_is_full());
    }
    transport->end_sending();
  }
  spare_ = UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

void EventLoop::admit(Accepted accepted, const Listener& listener) {
  const auto admission = parts_.table.may_admit(accepted.peer);
  const bool welcome = admission == ConnectionTable::Admission::welcome;
  if (!welcome && parts_.table.size() >= parts_.limits.connections_max + kRefusedMax) return;
  const bool is_tls = parts_.tls != nullptr && !listener.is_local;
  const int descriptor = accepted.socket.get();
  auto transport = is_tls ? parts_.tls->accept(std::move(accepted.socket))
                          : plain_transport(std::move(accepted.socket));
  if (transport == nullptr) return;
  Connection& connection = parts_.table.add(
      std::make_unique<Connection>(std::move(transport), accepted.peer, is_tls ? "https" : "http"));
  epoll_event event{};  // known to epoll from now on, and told nothing until it is parked
  event.events = EPOLLONESHOT;
  event.data.u64 = reinterpret_cast<uint64_t>(&connection);
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    parts_.table.remove(connection);
    return;
  }
  if (!welcome) {
    shed(connection);
    return;
  }
  connection.wait_events = POLLIN;
  connection.phase = Connection::Phase::idle;
  connection.deadline = parts_.clock.monotonic() + parts_.limits.idle_time_max;
  park(connection);
}

void EventLoop::become_ready(Connection& connection) {
  parts_.table.unpark(connection);
  if (connection.phase == Connection::Phase::lingering) {
    listen_out(connection);
  } else if (!parts_.dispatch(connection)) {
    shed(connection);
  }
}

void EventLoop::shed(Connection& connection) {
  shed_.add();
  if (connection.transport().can_speak_first()) {
    parts_.turn_away(connection.transport(), connection.peer(), server_is_full());
    linger(connection);
  } else {
    parts_.table.remove(connection);
  }
}

// Closing at once, with bytes unread, would make the kernel reset the connection, and the client
// would lose the answer (RFC 9112 9.6).
void EventLoop::linger(Connection& connection) {
  connection.transport().end_sending();
  connection.consume(connection.input().size());
  connection.phase = Connection::Phase::lingering;
  connection.wait_events = POLLIN;
  connection.deadline = parts_.clock.monotonic() + parts_.limits.linger_time_max;
  park(connection);
}

void EventLoop::listen_out(Connection& connection) {
  std::array<std::byte, 16 * 1024> scratch;
  for (size_t dropped = 0; dropped < kDroppedAtOnce;) {
    const Transfer transfer = connection.transport().receive(scratch);
    if (transfer.outcome == Transfer::Outcome::blocked) break;
    if (transfer.outcome != Transfer::Outcome::moved) {
      parts_.table.remove(connection);
      return;
    }
    dropped += transfer.count;
  }
  park(connection);
}

void EventLoop::wait_for_head(Connection& connection) {
  const bool has_begun = !connection.input().empty() || !connection.transport().can_speak_first();
  const auto now = parts_.clock.monotonic();
  if (!has_begun) {
    connection.phase = Connection::Phase::idle;
    connection.deadline = now + parts_.limits.idle_time_max;
  } else if (connection.phase != Connection::Phase::head) {
    connection.phase = Connection::Phase::head;
    connection.deadline = now + parts_.limits.head_time_max;
  }
  park(connection);
}

void EventLoop::sweep() {
  for (Connection* connection : parts_.table.take_expired(parts_.clock.monotonic())) {
    if (connection->phase == Connection::Phase::head && connection->transport().can_speak_first()) {
      parts_.turn_away(connection->transport(), connection->peer(), head_too_slow());
      linger(*connection);
    } else {
      parts_.table.remove(*connection);
    }
  }
  connections_.set(static_cast<double>(parts_.table.size()));
}

void EventLoop::park(Connection& connection) {
  connection.shrink_input();
  if (!parts_.table.park(connection, [&] { arm(connection); })) parts_.table.remove(connection);
}

void EventLoop::arm(Connection& connection) const {
  epoll_event event{};
  event.events = EPOLLONESHOT | (connection.wait_events == POLLOUT ? EPOLLOUT : EPOLLIN);
  event.data.u64 = reinterpret_cast<uint64_t>(&connection);
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.descriptor(), &event);
}

}  // namespace pacs::http
