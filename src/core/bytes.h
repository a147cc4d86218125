// Views of bytes, and the three spellings of bytes as text that the program needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pacs {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;
using ByteVector = std::vector<std::byte>;

[[nodiscard]] inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Lower-case hexadecimal. from_hex takes either case; nothing on an odd length or a wrong digit.
[[nodiscard]] std::string to_hex(Bytes bytes);
[[nodiscard]] std::optional<ByteVector> from_hex(std::string_view text);

// RFC 4648 section 4 (padded) and section 5 (URL-safe, here without padding).
[[nodiscard]] std::string to_base64(Bytes bytes);
[[nodiscard]] std::optional<ByteVector> from_base64(std::string_view text);
[[nodiscard]] std::string to_base64url(Bytes bytes);
[[nodiscard]] std::optional<ByteVector> from_base64url(std::string_view text);

}  // namespace pacs
