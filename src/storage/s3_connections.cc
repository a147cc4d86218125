#include "storage/s3_connections.h"

#include <utility>

namespace pacs::storage {

S3Connections::Lease S3Connections::lend() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [this] { return lent_ < connections_max_; });
  ++lent_;
  std::unique_ptr<http::Client> client;
  if (!idle_.empty()) {
    // The last one that came back is the warmest.
    client = std::move(idle_.back());
    idle_.pop_back();
  }
  lock.unlock();
  if (!client) client = std::make_unique<http::Client>(options_);
  return {*this, std::move(client)};
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
