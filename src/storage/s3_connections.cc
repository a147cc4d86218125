#include "storage/s3_connections.h"

#include <utility>

namespace pacs::storage {

Result<S3Connections::Lease> S3Connections::lend(std::chrono::milliseconds longest_wait) {
  std::unique_lock lock(mutex_);
  if (!returned_.wait_for(lock, longest_wait, [this] { return lent_ < connections_max_; })) {
    return unavailable("store_unavailable", "all connections to the object store are busy");
  }
  ++lent_;
  std::unique_ptr<http::Client> client;
  if (!idle_.empty()) {
    // The last one that came back is the warmest.
    client = std::move(idle_.back());
    idle_.pop_back();
  }
  lock.unlock();
  if (!client) client = std::make_unique<http::Client>(options_);
  return Lease(*this, std::move(client));
}

void S3Connections::give_back(std::unique_ptr<http::Client> client) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(client));
    --lent_;
  }
  returned_.notify_one();
}

}  // namespace pacs::storage
