// Counts failed attempts by client address. Our secrets have 256 random bits and cannot be guessed;
// what this bounds is the work that a flood of bad signatures makes.
#pragma once

#include <chrono>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/clock.h"

namespace pacs::access {

// Any thread.
class FailedAttempts {
 public:
  // A clinic behind one address may have a dozen programs with an old token; each retries a few
  // times before someone looks.
  static constexpr double kBurst = 60;
  static constexpr double kPerSecond = 1;
  // About 200 bytes each; beyond it, the address that failed longest ago is forgotten.
  static constexpr size_t kAddressesMax = 8192;

  // `clock` outlives the object.
  explicit FailedAttempts(const Clock& clock) : clock_(clock) {}

  void note(std::string_view address);
  [[nodiscard]] bool too_many(std::string_view address);
  [[nodiscard]] size_t size() const;

 private:
  struct Entry {
    std::string address;
    double left = kBurst;
    std::chrono::steady_clock::time_point at;
  };
  void refill(Entry& entry) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::list<Entry> by_age_;  // guarded by mutex_; the one that failed last in front
  std::unordered_map<std::string_view, std::list<Entry>::iterator>
      by_address_;  // guarded by mutex_
};

}  // namespace pacs::access
