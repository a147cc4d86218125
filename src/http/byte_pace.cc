#include "http/byte_pace.h"

#include <algorithm>

namespace pacs::http {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

milliseconds BytePace::allowance() const {
  // Whole seconds are exact enough, and cannot overflow for any number of bytes.
  const std::chrono::seconds earned(total_ / std::max<uint64_t>(limits_.bytes_per_second_min, 1));
  const std::chrono::seconds capped = std::min(earned, std::chrono::seconds(1'000'000'000));
  const auto by_rate = limits_.grace + capped - duration_cast<milliseconds>(waited_);
  const auto by_stall = limits_.stall_max - duration_cast<milliseconds>(waited_since_moved_);
  return std::min<milliseconds>(by_rate, by_stall);
}

void BytePace::waited(std::chrono::steady_clock::duration time) {
  waited_ += time;
  waited_since_moved_ += time;
}

void BytePace::moved_to(uint64_t total) {
  if (total <= total_) return;
  total_ = total;
  waited_since_moved_ = {};
}

}  // namespace pacs::http
