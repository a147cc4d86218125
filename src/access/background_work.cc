#include "access/background_work.h"

#include <utility>

namespace pacs::access {

BackgroundWork::BackgroundWork(std::function<void()> work, std::chrono::milliseconds interval)
    : work_(std::move(work)), interval_(interval), thread_([this] { run(); }) {}

BackgroundWork::~BackgroundWork() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

void BackgroundWork::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    const bool last = stopped_.wait_for(lock, interval_, [this] { return stop_; });
    lock.unlock();
    work_();
    lock.lock();
    if (last) return;
  }
}

}  // namespace pacs::access
