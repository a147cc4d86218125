#include "access/failed_attempts.h"

#include <algorithm>
#include <charconv>

namespace pacs::access {

namespace {

constexpr size_t kMappedBytes = 12;  // 80 bits of zero, 16 of one, then the IPv4 address

bool is_ipv4(const std::array<uint8_t, 16>& address) {
  return std::all_of(address.begin(), address.begin() + 10,
                     [](uint8_t byte) { return byte == 0; }) &&
         address[10] == 0xff && address[11] == 0xff;
}

}  // namespace

std::string client_block(const std::optional<std::array<uint8_t, 16>>& address) {
  if (!address) return "local";
  std::string text;
  if (is_ipv4(*address)) {
    for (size_t i = kMappedBytes; i < address->size(); ++i) {
      if (!text.empty()) text += '.';
      text += std::to_string((*address)[i]);
    }
    return text;
  }
  for (size_t i = 0; i < 8; i += 2) {
    const unsigned group = (*address)[i] * 256U + (*address)[i + 1];
    std::array<char, 5> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), group, 16);
    text.append(digits.data(), end.ptr);
    text += ':';
  }
  return text + ":/64";
}

void FailedAttempts::refill(Entry& entry) const {
  const auto now = clock_.monotonic();
  const double seconds = std::chrono::duration<double>(now - entry.at).count();
  entry.left = std::min(kBurst, entry.left + seconds * kPerSecond);
  entry.at = now;
}

void FailedAttempts::note(std::string_view address) {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) {
    if (by_age_.size() >= kAddressesMax) {
      by_address_.erase(by_age_.back().address);
      by_age_.pop_back();
    }
    by_age_.push_front({std::string(address), kBurst, clock_.monotonic()});
    by_address_.emplace(by_age_.front().address, by_age_.begin());
  } else {
    by_age_.splice(by_age_.begin(), by_age_, found->second);
  }
  Entry& entry = by_age_.front();
  refill(entry);
  entry.left = std::max(0.0, entry.left - 1);
}

bool FailedAttempts::too_many(std::string_view address) {
  const std::lock_guard lock(mutex_);
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return false;
  refill(*found->second);
  return found->second->left < 1;
}

size_t FailedAttempts::size() const {
  const std::lock_guard lock(mutex_);
  return by_age_.size();
}

}  // namespace pacs::access
