#include "core/gate.h"

namespace pacs {
namespace {

Error busy() { return unavailable("busy", "the server is busy; try again in a few seconds"); }

}  // namespace

Result<Gate::Pass> Gate::enter(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (free_ == 0) {
    if (waiting_ >= waiting_max_) return busy();
    ++waiting_;
    const bool is_free = came_free_.wait_for(lock, timeout, [this] { return free_ > 0; });
    --waiting_;
    if (!is_free) return busy();
  }
  --free_;
  return Pass(this);
}

Result<void> Gate::check_not_full() {
  const std::lock_guard lock(mutex_);
  if (free_ == 0 && waiting_ >= waiting_max_) return busy();
  return {};
}

void Gate::leave() {
  {
    const std::lock_guard lock(mutex_);
    ++free_;
  }
  came_free_.notify_one();
}

}  // namespace pacs
