// All open connections: who owns them, which are parked, and how many each client has.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "http/address.h"
#include "http/connection.h"

namespace pacs::http {

// Any thread. A connection that is not parked belongs to the one who took it.
class ConnectionTable {
 public:
  struct Limits {
    size_t connections_max;
    size_t connections_per_client_max;
    std::function<bool(const IpAddress&)> is_exempt;  // from the limit per client
  };

  explicit ConnectionTable(Limits limits) : limits_(std::move(limits)) {}

  enum class Admission { welcome, too_many, too_many_of_client };
  [[nodiscard]] Admission may_admit(const Peer& peer) const;
  // Counts it and owns it; it is not parked yet.
  Connection& add(std::unique_ptr<Connection> connection);
  // Closes it.
  void remove(Connection& connection);
  [[nodiscard]] size_t size() const;

  // After park() the connection belongs to the event loop. `arm` asks to be told when it is ready,
  // before anybody can take it out again. False, and nothing done, when no more are taken.
  [[nodiscard]] bool park(Connection& connection, const std::function<void()>& arm);
  // From the event loop alone: takes a parked one back.
  void unpark(Connection& connection);
  // Parked ones whose deadline has passed, unparked.
  [[nodiscard]] std::vector<Connection*> take_expired(Connection::TimePoint now);
  // Closes all that are parked, and takes no more.
  void close_parked();
  // Makes every wait on every connection fail at once, so that the workers come back.
  void break_off_all();

 private:
  const Limits limits_;

  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::unordered_set<Connection*> parked_;
  std::map<IpAddress, size_t> per_client_;
  bool closing_ = false;
};

}  // namespace pacs::http
