#include "access/pin_hash.h"

#include <array>

#include "access/printable.h"
#include "core/pbkdf2.h"

namespace pacs::access {
namespace {

// A tenth of a second of one core, for who tries and for who has the index and tries them all.
constexpr int kPinIterations = 200'000;
constexpr size_t kPinSaltBytes = 16;

}  // namespace

Result<void> check_pin(std::string_view pin) {
  if (pin.size() >= kPinBytesMin && is_printable_name(pin, kPinBytesMax)) return {};
  return invalid_argument("bad_pin", "a PIN has 4 to 64 bytes without control characters");
}

std::string hash_of_pin(std::string_view pin, Random& random) {
  std::array<std::byte, kPinSaltBytes> salt{};
  random.fill(salt);
  return to_base64url(salt) + "." + to_base64url(pbkdf2_sha256(pin, salt, kPinIterations).bytes);
}

bool is_pin(std::string_view pin, std::string_view hash) {
  const size_t dot = hash.find('.');
  if (dot == std::string_view::npos || pin.size() > kPinBytesMax) return false;
  const auto salt = from_base64url(hash.substr(0, dot));
  const auto expected = from_base64url(hash.substr(dot + 1));
  if (!salt || !expected) return false;
  return equal_in_constant_time(pbkdf2_sha256(pin, *salt, kPinIterations).bytes, *expected);
}

}  // namespace pacs::access
