// How slowly the other side may read or write before it is given up: a floor on the average rate
// after a time of grace, and a limit on the time without a single byte.
#pragma once

#include <chrono>
#include <cstdint>

namespace pacs::http {

struct PaceLimits {
  uint64_t bytes_per_second_min = 1000;
  std::chrono::milliseconds grace{10'000};
  std::chrono::milliseconds stall_max{30'000};
};

// Counts only the time that was spent waiting for the other side, never our own. One thread.
class BytePace {
 public:
  explicit BytePace(const PaceLimits& limits) : limits_(limits) {}

  // How long the next wait may last; zero or less: the other side is too slow.
  [[nodiscard]] std::chrono::milliseconds allowance() const;
  void waited(std::chrono::steady_clock::duration time);
  // `total` bytes have arrived at their end so far; a smaller number than before is ignored.
  void moved_to(uint64_t total);
  void moved(uint64_t count) { moved_to(total_ + count); }

 private:
  PaceLimits limits_;
  uint64_t total_ = 0;
  std::chrono::steady_clock::duration waited_{};
  std::chrono::steady_clock::duration waited_since_moved_{};
};

}  // namespace pacs::http
