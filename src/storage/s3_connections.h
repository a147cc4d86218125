// The connections to an object store: lent for one request, kept warm for the next, never more than
// the store or we can take.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "http/client.h"

namespace pacs::storage {

// Any thread. Outlives what it lends.
class S3Connections {
 public:
  class Lease {
   public:
    Lease(S3Connections& owner, std::unique_ptr<http::Client> client)
        : owner_(&owner), client_(std::move(client)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (client_) owner_->give_back(std::move(client_));
    }
    [[nodiscard]] http::Client& operator*() { return *client_; }

   private:
    S3Connections* owner_;
    std::unique_ptr<http::Client> client_;
  };

  S3Connections(http::ClientOptions options, size_t connections_max)
      : options_(std::move(options)), connections_max_(connections_max) {}

  // Waits while all are lent: `unavailable` (reason "store_unavailable") when that takes longer.
  [[nodiscard]] Result<Lease> lend(std::chrono::milliseconds longest_wait);

 private:
  void give_back(std::unique_ptr<http::Client> client);

  const http::ClientOptions options_;
  const size_t connections_max_;
  std::mutex mutex_;
  std::condition_variable returned_;
  size_t lent_ = 0;                                  // guarded by mutex_
  std::vector<std::unique_ptr<http::Client>> idle_;  // guarded by mutex_
};

}  // namespace pacs::storage
