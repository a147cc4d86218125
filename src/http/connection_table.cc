#include "http/connection_table.h"

#include <algorithm>
#include <utility>

#include <sys/socket.h>

namespace pacs::http {
namespace {

// Who counts as one client: an IPv4 address, or the half of an IPv6 one that a provider hands to a
// household (RFC 6177), since its holder can use any of the rest.
IpAddress client_of(const IpAddress& address) {
  if (address.is_ipv4()) return address;
  auto bytes = address.bytes();
  std::fill(bytes.begin() + 8, bytes.end(), uint8_t{0});
  return IpAddress::from_bytes(bytes);
}

}  // namespace

ConnectionTable::Admission ConnectionTable::may_admit(const Peer& peer) const {
  const std::lock_guard lock(mutex_);
  if (connections_.size() >= limits_.connections_max) return Admission::too_many;
  if (peer.address && !limits_.is_exempt(*peer.address)) {
    const auto found = per_client_.find(client_of(*peer.address));
    if (found != per_client_.end() && found->second >= limits_.connections_per_client_max) {
      return Admission::too_many_of_client;
    }
  }
  return Admission::welcome;
}

Connection& ConnectionTable::add(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  Connection* raw = connection.get();
  if (raw->peer().address) ++per_client_[client_of(*raw->peer().address)];
  connections_.emplace(raw, std::move(connection));
  return *raw;
}

void ConnectionTable::remove(Connection& connection) {
  std::unique_ptr<Connection> closed;  // outside the lock
  const std::lock_guard lock(mutex_);
  if (connection.peer().address) {
    const auto found = per_client_.find(client_of(*connection.peer().address));
    if (--found->second == 0) per_client_.erase(found);
  }
  const auto found = connections_.find(&connection);
  closed = std::move(found->second);
  connections_.erase(found);
}

size_t ConnectionTable::size() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

bool ConnectionTable::park(Connection& connection, const std::function<void()>& arm) {
  const std::lock_guard lock(mutex_);
  if (closing_) return false;
  parked_.insert(&connection);
  arm();
  return true;
}

void ConnectionTable::unpark(Connection& connection) {
  const std::lock_guard lock(mutex_);
  parked_.erase(&connection);
}

std::vector<Connection*> ConnectionTable::take_expired(Connection::TimePoint now) {
  std::vector<Connection*> expired;
  const std::lock_guard lock(mutex_);
  for (auto at = parked_.begin(); at != parked_.end();) {
    if ((*at)->deadline <= now) {
      expired.push_back(*at);
      at = parked_.erase(at);
    } else {
      ++at;
    }
  }
  return expired;
}

void ConnectionTable::close_parked() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  for (Connection* connection : parked_) {
    if (connection->peer().address) {
      const auto found = per_client_.find(client_of(*connection->peer().address));
      if (--found->second == 0) per_client_.erase(found);
    }
    connections_.erase(connection);
  }
  parked_.clear();
}

void ConnectionTable::break_off_all() {
  const std::lock_guard lock(mutex_);
  for (const auto& [connection, owned] : connections_) {
    shutdown(connection->descriptor(), SHUT_RDWR);
  }
}

}  // namespace pacs::http
