#include "core/pbkdf2.h"

#include <openssl/evp.h>

#include "core/assert.h"

namespace pacs {

Sha256Digest pbkdf2_sha256(std::string_view secret, Bytes salt, int iterations) {
  Sha256Digest digest;
  const int made = ::PKCS5_PBKDF2_HMAC(secret.data(), static_cast<int>(secret.size()),
                                       reinterpret_cast<const unsigned char*>(salt.data()),
                                       static_cast<int>(salt.size()), iterations, ::EVP_sha256(),
                                       static_cast<int>(digest.bytes.size()),
                                       reinterpret_cast<unsigned char*>(digest.bytes.data()));
  PACS_ASSERT(made == 1);
  return digest;
}

}  // namespace pacs
