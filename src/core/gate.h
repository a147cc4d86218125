// A gate lets a fixed number through at once and makes the others wait: what bounds the scarce
// things (hashing, decoding, fsyncs in flight). Never hold a pass while waiting for a socket.
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

  explicit Gate(size_t passes) : free_(passes) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // `unavailable` (reason "busy") when no pass came free in time. Any thread.
  [[nodiscard]] Result<Pass> enter(std::chrono::milliseconds timeout);

 private:
  void leave();

  std::mutex mutex_;
  std::condition_variable came_free_;
  size_t free_;  // guarded by mutex_
};

}  // namespace pacs
