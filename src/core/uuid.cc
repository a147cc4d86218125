#include "core/uuid.h"

#include <algorithm>
#include <vector>

#include <openssl/evp.h>

#include "core/assert.h"

namespace pacs {

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string lower;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !digit) return std::nullopt;
    lower.push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return Uuid(std::move(lower));
}

Uuid Uuid::from_bytes(std::array<std::byte, 16> bytes, unsigned version) {
  bytes[6] = (bytes[6] & std::byte{0x0f}) | static_cast<std::byte>(version << 4);
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  std::string text = to_hex(bytes);
  for (const size_t position : {20U, 16U, 12U, 8U}) text.insert(position, 1, '-');
  return Uuid(std::move(text));
}

Uuid Uuid::random(Random& random) {
  std::array<std::byte, 16> bytes{};
  random.fill(bytes);
  return from_bytes(bytes, 4);
}

Uuid Uuid::from_name(const Uuid& name_space, std::string_view name) {
  const auto prefix = name_space.bytes();
  ByteVector input(prefix.begin(), prefix.end());
  const Bytes name_bytes = as_bytes(name);
  input.insert(input.end(), name_bytes.begin(), name_bytes.end());
  // SHA-1 is what version 5 is made of; nothing secret rests on it.
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  PACS_ASSERT(EVP_Digest(input.data(), input.size(), digest.data(), &length, EVP_sha1(), nullptr) ==
              1);
  std::array<std::byte, 16> bytes{};
  std::transform(digest.begin(), digest.begin() + 16, bytes.begin(),
                 [](unsigned char c) { return static_cast<std::byte>(c); });
  return from_bytes(bytes, 5);
}

std::array<std::byte, 16> Uuid::bytes() const {
  std::string digits = str();
  std::erase(digits, '-');
  const auto decoded = from_hex(digits);
  std::array<std::byte, 16> bytes{};
  std::copy(decoded->begin(), decoded->end(), bytes.begin());
  return bytes;
}

}  // namespace pacs
