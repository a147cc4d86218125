#include "access/token_secret.h"

#include <array>

namespace pacs::access {
namespace {

constexpr size_t kEncodedSize = 43;  // of 32 bytes as base64url without padding

}  // namespace

std::string make_secret(std::string_view prefix, Random& random) {
  PACS_ASSERT(prefix == kTokenPrefix || prefix == kShareLinkPrefix);
  std::array<std::byte, kSecretRandomBytes> bytes{};
  random.fill(bytes);
  return std::string(prefix) + to_base64url(bytes);
}

bool looks_like_secret(std::string_view text) {
  return text.starts_with(kTokenPrefix) || text.starts_with(kShareLinkPrefix);
}

std::optional<Sha256Digest> digest_of_secret(std::string_view secret) {
  for (const std::string_view prefix : {kTokenPrefix, kShareLinkPrefix}) {
    if (!secret.starts_with(prefix) || secret.size() != prefix.size() + kEncodedSize) continue;
    if (!from_base64url(secret.substr(prefix.size()))) continue;
    return sha256(as_bytes(secret));
  }
  return std::nullopt;
}

}  // namespace pacs::access
