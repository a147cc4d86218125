// The secret of a bearer token or a share link: a prefix that people and secret scanners recognise
// and 32 random bytes as base64url. It is shown once; what is kept is its SHA-256, which needs no
// salt and no stretching over 256 random bits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/crypto.h"

namespace pacs::access {

inline constexpr std::string_view kTokenPrefix = "pl_";
inline constexpr std::string_view kShareLinkPrefix = "pls_";
inline constexpr size_t kSecretRandomBytes = 32;

// `prefix` is one of the two above.
[[nodiscard]] std::string make_secret(std::string_view prefix, Random& random);

// True for a text with one of our prefixes, well-formed or not: only we can say whether it is good.
[[nodiscard]] bool looks_like_secret(std::string_view text);

// What the index knows a secret by; nothing unless it has the form that make_secret() gives.
[[nodiscard]] std::optional<Sha256Digest> digest_of_secret(std::string_view secret);

}  // namespace pacs::access
