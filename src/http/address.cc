#include "http/address.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

#include "core/text.h"

namespace pacs::http {
namespace {
constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kBits = 128;
constexpr int kMappedBits = 96;
}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  }
  // inet_pton would stop at it and take what stands before.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  std::array<uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) return IpAddress(bytes);
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data() + kMappedPrefix.size()) == 1) {
    return IpAddress(bytes);
  }
  return std::nullopt;
}

bool IpAddress::is_ipv4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin());
}

bool IpAddress::is_loopback() const {
  if (is_ipv4()) return bytes_[kMappedPrefix.size()] == 127;
  std::array<uint8_t, 16> one{};
  one[15] = 1;
  return bytes_ == one;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const char* written =
      is_ipv4()
          ? inet_ntop(AF_INET, bytes_.data() + kMappedPrefix.size(), buffer.data(), buffer.size())
          : inet_ntop(AF_INET6, bytes_.data(), buffer.data(), buffer.size());
  return written;
}

std::optional<AddressBlock> AddressBlock::parse(std::string_view text) {
  const size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return AddressBlock(*address, kBits);
  const auto prefix = parse_unsigned(text.substr(slash + 1));
  const bool dotted = address->is_ipv4() && text.find(':') == std::string_view::npos;
  if (!prefix || *prefix > static_cast<uint64_t>(dotted ? kBits - kMappedBits : kBits)) {
    return std::nullopt;
  }
  return AddressBlock(*address, static_cast<int>(*prefix) + (dotted ? kMappedBits : 0));
}

bool AddressBlock::contains(const IpAddress& address) const {
  const int whole = prefix_bits_ / 8;
  const int rest = prefix_bits_ % 8;
  const auto& mine = address_.bytes();
  const auto& other = address.bytes();
  if (!std::equal(mine.begin(), mine.begin() + whole, other.begin())) return false;
  if (rest == 0) return true;
  const auto index = static_cast<size_t>(whole);
  return ((mine[index] ^ other[index]) >> (8 - rest)) == 0;
}

bool AddressBlock::is_wider_than_private() const {
  std::array<uint8_t, 16> any_ipv4{};
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), any_ipv4.begin());
  const bool holds_ipv4 = address_.is_ipv4() || contains(IpAddress::from_bytes(any_ipv4));
  return prefix_bits_ < (holds_ipv4 ? kMappedBits + 8 : 7);
}

bool contains(const std::vector<AddressBlock>& blocks, const IpAddress& address) {
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const AddressBlock& block) { return block.contains(address); });
}

}  // namespace pacs::http
