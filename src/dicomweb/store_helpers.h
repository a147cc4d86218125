// The threads that help all requests together to make images durable. One is busy with an image
// that is there as a whole, never with a wait for a network.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace pacs::dicomweb {

// Any thread.
class StoreHelpers {
 public:
  // Half of what the archive lets publish at once (archive::StoreOptions), so that large requests
  // leave room for those who bring one image.
  static constexpr size_t kThreadsMax = 16;

  StoreHelpers();
  // Waits for what runs.
  ~StoreHelpers();
  StoreHelpers(const StoreHelpers&) = delete;
  StoreHelpers& operator=(const StoreHelpers&) = delete;

  // Runs `work`, which must not throw, on a helper. False, and nothing done, when all are busy.
  [[nodiscard]] bool try_run(std::function<void()> work);

 private:
  // Both with mutex_ held.
  bool start_thread();
  void help(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::vector<std::thread> threads_;  // made on demand, and kept
  std::deque<std::function<void()>> works_;
  size_t idle_ = 0;  // those that wait, without as many as there are works for
  bool is_ending_ = false;
};

}  // namespace pacs::dicomweb
