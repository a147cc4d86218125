// Counts failed attempts by client address. Our secrets have 256 random bits and cannot be guessed;
// what this bounds is the work that a flood of bad signatures makes.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/clock.h"

namespace pacs::access {

// What is counted of an address, as text: "192.0.2.1" also when it is mapped into IPv6, of others
// the /64, within which a sender picks addresses at will ("2001:db8:0:1::/64"), "local" for none.
[[nodiscard]] std::string client_block(const std::optional<std::array<uint8_t, 16>>& address);

// Any thread. Addresses are given as client_block() makes them.
class FailedAttempts {
 public:
  // A hospital behind one address must not be locked out by its few programs with an old token;
  // ten checks of a bad signature are 2 ms of work.
  static constexpr double kBurst = 300;
  static constexpr double kPerSecond = 10;
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
