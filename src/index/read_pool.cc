#include "index/read_pool.h"

#include <utility>

namespace pacs::index {

Result<ReadPool::Lent> ReadPool::lend() {
  std::unique_lock lock(mutex_);
  if (!came_free_.wait_for(lock, options_.timeout,
                           [this] { return !idle_.empty() || unopened_ > 0; })) {
    return unavailable("busy", "Too many questions wait for the index; try again.");
  }
  if (!idle_.empty()) {
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    return Lent(*this, std::move(connection));
  }
  --unopened_;
  lock.unlock();
  // Also when opening throws for want of memory: else there would be one reader less for ever.
  struct Place {
    ReadPool& pool;
    bool is_taken = false;
    ~Place() {
      if (!is_taken) pool.give_back_place();
    }
  } place{*this};
  Result<std::unique_ptr<Connection>> opened = Connection::open(path_, options_.connection);
  if (!opened) return std::move(opened).error();
  place.is_taken = true;
  return Lent(*this, std::move(opened).value());
}

void ReadPool::give_back(std::unique_ptr<Connection> connection) {
  // Its reader could not end the transaction (out of memory, in effect). The next one would fail in
  // it, and so would each after that: closing the connection ends it, another is opened when
  // needed.
  if (!connection->is_autocommit()) {
    connection.reset();
    give_back_place();
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  came_free_.notify_one();
}

void ReadPool::give_back_place() {
  {
    const std::lock_guard lock(mutex_);
    ++unopened_;
  }
  came_free_.notify_one();
}

}  // namespace pacs::index
