#include "http/request_ids.h"

#include <array>

#include "core/bytes.h"

namespace pacs::http {
namespace {

constexpr size_t kHalf = sizeof(uint64_t);

uint64_t draw(Random& random) {
  std::array<std::byte, kHalf> bytes{};
  random.fill(bytes);
  uint64_t number = 0;
  for (const std::byte byte : bytes) number = number << 8 | std::to_integer<uint64_t>(byte);
  return number;
}

}  // namespace

RequestIds::RequestIds(Random& random) : process_(draw(random)), request_(draw(random)) {}

std::string RequestIds::next() {
  const uint64_t request = request_.fetch_add(1, std::memory_order_relaxed);
  std::array<std::byte, 2 * kHalf> bytes{};
  for (size_t at = 0; at < kHalf; ++at) {
    const size_t shift = 8 * (kHalf - 1 - at);
    bytes[at] = static_cast<std::byte>(process_ >> shift);
    bytes[kHalf + at] = static_cast<std::byte>(request >> shift);
  }
  return to_hex(bytes);
}

}  // namespace pacs::http
