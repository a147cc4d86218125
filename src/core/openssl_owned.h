// Ownership of OpenSSL's objects, for the sources of this module that use them.
#pragma once

#include <memory>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

namespace pacs {

struct FreeOpenssl {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MAC_CTX* mac) const { EVP_MAC_CTX_free(mac); }
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};
template <typename T>
using OpensslOwned = std::unique_ptr<T, FreeOpenssl>;

}  // namespace pacs
