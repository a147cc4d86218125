// Stretching of short secrets that people choose (RFC 8018 5.2), over OpenSSL's EVP.
#pragma once

#include <string_view>

#include "core/bytes.h"
#include "core/crypto.h"

namespace pacs {

// PBKDF2 with HMAC-SHA-256. Takes about a microsecond for each iteration.
[[nodiscard]] Sha256Digest pbkdf2_sha256(std::string_view secret, Bytes salt, int iterations);

}  // namespace pacs
