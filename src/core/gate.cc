#include "core/gate.h"

namespace pacs {

Result<Gate::Pass> Gate::enter(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (!came_free_.wait_for(lock, timeout, [this] { return free_ > 0; })) {
    return unavailable("busy", "the server is busy; try again in a few seconds");
  }
  --free_;
  return Pass(this);
}

void Gate::leave() {
  {
    const std::lock_guard lock(mutex_);
    ++free_;
  }
  came_free_.notify_one();
}

}  // namespace pacs
