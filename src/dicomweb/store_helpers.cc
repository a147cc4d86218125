#include "dicomweb/store_helpers.h"

#include <exception>
#include <utility>

namespace pacs::dicomweb {

StoreHelpers::StoreHelpers() { threads_.reserve(kThreadsMax); }

StoreHelpers::~StoreHelpers() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
    changed_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

bool StoreHelpers::try_run(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (idle_ == 0 && !start_thread()) return false;
  works_.push_back(std::move(work));
  --idle_;
  changed_.notify_one();
  return true;
}

bool StoreHelpers::start_thread() {
  if (threads_.size() == kThreadsMax) return false;
  try {
    threads_.emplace_back([this] {
      std::unique_lock lock(mutex_);
      help(lock);
    });
  } catch (const std::exception&) {  // no more threads or memory on this machine
    return false;
  }
  ++idle_;
  return true;
}

void StoreHelpers::help(std::unique_lock<std::mutex>& lock) {
  while (true) {
    changed_.wait(lock, [this] { return !works_.empty() || is_ending_; });
    if (works_.empty()) return;
    const std::function<void()> work = std::move(works_.front());
    works_.pop_front();
    lock.unlock();
    work();
    lock.lock();
    ++idle_;
  }
}

}  // namespace pacs::dicomweb
