// Connections for reading, made when they are first needed and lent to one thread at a time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "core/result.h"
#include "index/sqlite_connection.h"

namespace pacs::index {

class ReadPool {
 public:
  struct Options {
    size_t connections_max = 0;
    std::chrono::milliseconds timeout{0};
    ConnectionOptions connection;
  };

  // Given back when it goes out of scope.
  class Lent {
   public:
    Lent(ReadPool& pool, std::unique_ptr<Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lent(Lent&&) noexcept = default;
    Lent& operator=(Lent&&) = delete;
    ~Lent() {
      if (connection_) pool_->give_back(std::move(connection_));
    }
    [[nodiscard]] Connection& operator*() const { return *connection_; }
    [[nodiscard]] Connection* operator->() const { return connection_.get(); }

   private:
    ReadPool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  ReadPool(std::filesystem::path path, const Options& options)
      : path_(std::move(path)), options_(options), unopened_(options.connections_max) {
    idle_.reserve(options.connections_max);  // giving one back never needs memory
  }

  // unavailable/busy when none came free in time. Any thread.
  [[nodiscard]] Result<Lent> lend();

 private:
  void give_back(std::unique_ptr<Connection> connection);
  void give_back_place();

  const std::filesystem::path path_;
  const Options options_;

  std::mutex mutex_;
  std::condition_variable came_free_;
  std::vector<std::unique_ptr<Connection>> idle_;  // guarded by mutex_; the last one is the warmest
  size_t unopened_;                                // guarded by mutex_
};

}  // namespace pacs::index
