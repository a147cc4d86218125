// IP addresses and blocks of them (RFC 4291, RFC 4632). An IPv4 address and the same one mapped
// into IPv6 are one and the same.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pacs::http {

class IpAddress {
 public:
  // "192.0.2.1", "2001:db8::1", also in brackets; no zone, no port.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  [[nodiscard]] static IpAddress from_bytes(const std::array<uint8_t, 16>& bytes) {
    return IpAddress(bytes);
  }

  // The usual form; IPv4 as dotted quad.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool is_ipv4() const;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] const std::array<uint8_t, 16>& bytes() const { return bytes_; }

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  explicit IpAddress(const std::array<uint8_t, 16>& bytes) : bytes_(bytes) {}
  std::array<uint8_t, 16> bytes_;
};

class AddressBlock {
 public:
  // "10.0.0.0/8", "2001:db8::/32", or a single address.
  [[nodiscard]] static std::optional<AddressBlock> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& address) const;
  // Holds more than the largest private networks do (10.0.0.0/8, fc00::/7): the whole internet,
  // say, or in the spelling ::/8 all of IPv4.
  [[nodiscard]] bool is_wider_than_private() const;

 private:
  AddressBlock(const IpAddress& address, int prefix_bits)
      : address_(address), prefix_bits_(prefix_bits) {}
  IpAddress address_;
  int prefix_bits_;  // of 128
};

[[nodiscard]] bool contains(const std::vector<AddressBlock>& blocks, const IpAddress& address);

}  // namespace pacs::http
