// A PIN as it is kept: stretched, since it is short enough to be guessed by whoever has its hash.
#pragma once

#include <string>
#include <string_view>

#include "core/crypto.h"
#include "core/result.h"

namespace pacs::access {

inline constexpr size_t kPinBytesMin = 4;
inline constexpr size_t kPinBytesMax = 64;

// 4 to 64 bytes without control characters; invalid_argument/bad_pin.
[[nodiscard]] Result<void> check_pin(std::string_view pin);

// "SALT.HASH", both base64url. Takes a tenth of a second.
[[nodiscard]] std::string hash_of_pin(std::string_view pin, Random& random);

// Takes as long, whatever the PIN is.
[[nodiscard]] bool is_pin(std::string_view pin, std::string_view hash);

}  // namespace pacs::access
