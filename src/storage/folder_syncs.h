// Fsyncs of folders, grouped: whoever asks while one is running waits for the next one, and that
// one serves all who wait. So sixteen images that arrive in one series share the fsync of its
// folder.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "core/result.h"
#include "storage/open_below.h"

namespace pacs::storage {

// One for a store. Any thread.
class FolderSyncs {
 public:
  FolderSyncs() = default;
  FolderSyncs(const FolderSyncs&) = delete;
  FolderSyncs& operator=(const FolderSyncs&) = delete;

  // On return every entry that the folder had at the time of the call is on stable storage. One
  // failure, of any folder, fails this and every later call: `internal` (reason "fsync_failed").
  [[nodiscard]] Result<void> sync(int folder);

  // The same for a file of one owner, which shares with nobody. A full disk fails the file alone
  // (`resource_exhausted`), everything else is "fsync_failed" for the whole store.
  [[nodiscard]] Result<void> sync_file(int file);

  [[nodiscard]] bool failed() const { return failed_.load(); }
  // The error of every write once failed() is true.
  [[nodiscard]] Result<void> check() const;

  // How many fsyncs of folders were done, and how many calls they served.
  [[nodiscard]] uint64_t syncs_done() const { return syncs_done_.load(); }
  [[nodiscard]] uint64_t syncs_asked() const { return syncs_asked_.load(); }

 private:
  struct Group {
    std::condition_variable done;
    // Guarded by mutex_.
    uint64_t started = 0;
    uint64_t finished = 0;
    bool running = false;
    size_t users = 0;
  };

  Result<void> sync_as_one_of(Group& group, int folder, std::unique_lock<std::mutex>& lock);
  Result<void> fail(const Error& error);

  std::atomic<bool> failed_{false};
  std::atomic<uint64_t> syncs_done_{0};
  std::atomic<uint64_t> syncs_asked_{0};
  std::mutex mutex_;
  std::map<FileIdentity, Group> groups_;  // guarded by mutex_; only those in use
};

}  // namespace pacs::storage
