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
  Result<std::unique_ptr<Connection>> opened = Connection::open(path_, options_.connection);
  if (!opened) {
    lock.lock();
    ++unopened_;
    came_free_.notify_one();
    return std::move(opened).error();
  }
  return Lent(*this, std::move(opened).value());
}

void ReadPool::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
  }
  came_free_.notify_one();
}

}  // namespace pacs::index
