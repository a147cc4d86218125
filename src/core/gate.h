// A gate lets a fixed number through at once and makes some others wait: what bounds the scarce
// things (hashing, decoding, fsyncs in flight). Whoever comes when enough are waiting is told at
// once, so that those who wait are served in time. Never hold a pass while waiting for a socket.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "core/result.h"

namespace pacs {

class Gate {
 public:
  // Given back when it goes out of scope.
  class Pass {
   public:
    explicit Pass(Gate* gate) : gate_(gate) {}
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&&) = delete;
    ~Pass() {
      if (gate_ != nullptr) gate_->leave();
    }

   private:
    Gate* gate_;
  };

  Gate(size_t passes, size_t waiting_max) : waiting_max_(waiting_max), free_(passes) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // `unavailable` (reason "busy") when no pass came free in time, or enough wait already. Any
  // thread.
  [[nodiscard]] Result<Pass> enter(std::chrono::milliseconds timeout);

  // `unavailable` (reason "busy") when whoever came now would be refused: for who can save himself
  // the work that comes before.
  [[nodiscard]] Result<void> check_not_full();

 private:
  void leave();

  const size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable came_free_;
  size_t free_;         // guarded by mutex_
  size_t waiting_ = 0;  // guarded by mutex_
};

}  // namespace pacs
