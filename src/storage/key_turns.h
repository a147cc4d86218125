// One at a time for each key, in this process: what a store without conditional writes needs, and
// what spares the others an upload in vain.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>

namespace pacs::storage {

// Any thread.
class KeyTurns {
 public:
  class Turn {
   public:
    Turn(KeyTurns& owner, std::string key) : owner_(owner), key_(std::move(key)) {
      owner_.begin(key_);
    }
    ~Turn() { owner_.end(key_); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    KeyTurns& owner_;
    const std::string key_;
  };

 private:
  void begin(const std::string& key) {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return !busy_.contains(key); });
    busy_.insert(key);
  }
  void end(const std::string& key) {
    {
      const std::lock_guard lock(mutex_);
      busy_.erase(key);
    }
    ended_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable ended_;
  std::set<std::string> busy_;  // guarded by mutex_
};

}  // namespace pacs::storage
