// Numbers in the byte order that data sets have in memory, and that of a file.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

#include "core/bytes.h"

namespace pacs::dicom {

// `at` has at least sizeof(Number) bytes.
template <typename Number>
[[nodiscard]] inline Number load_little_endian(const std::byte* at) {
  static_assert(std::endian::native == std::endian::little, "big endian hosts are not supported");
  Number number;
  std::memcpy(&number, at, sizeof(number));
  return number;
}

template <typename Number>
inline void append_little_endian(std::string& to, Number number) {
  static_assert(std::endian::native == std::endian::little, "big endian hosts are not supported");
  to.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

[[nodiscard]] inline uint16_t load_u16(const std::byte* at, std::endian order) {
  const auto number = load_little_endian<uint16_t>(at);
  return order == std::endian::little ? number : __builtin_bswap16(number);
}

[[nodiscard]] inline uint32_t load_u32(const std::byte* at, std::endian order) {
  const auto number = load_little_endian<uint32_t>(at);
  return order == std::endian::little ? number : __builtin_bswap32(number);
}

}  // namespace pacs::dicom
