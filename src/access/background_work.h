// A thread that does a small piece of work again and again, and once more when it is stopped: what
// commits gathered audit lines and the use of tokens.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace pacs::access {

class BackgroundWork {
 public:
  // A line that was noted just after a round is committed well within a second.
  static constexpr std::chrono::milliseconds kInterval{500};

  // `work` runs on the object's own thread, and must not throw.
  explicit BackgroundWork(std::function<void()> work,
                          std::chrono::milliseconds interval = kInterval);
  // Waits for the round that runs, runs the last one, returns.
  ~BackgroundWork();
  BackgroundWork(const BackgroundWork&) = delete;
  BackgroundWork& operator=(const BackgroundWork&) = delete;

 private:
  void run();

  const std::function<void()> work_;
  const std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace pacs::access
