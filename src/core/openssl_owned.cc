#include "core/openssl_owned.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

namespace pacs {

void FreeOpenssl::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
void FreeOpenssl::operator()(EVP_MAC_CTX* mac) const { EVP_MAC_CTX_free(mac); }
void FreeOpenssl::operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
void FreeOpenssl::operator()(BIO* bio) const { BIO_free(bio); }
void FreeOpenssl::operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
void FreeOpenssl::operator()(BIGNUM* number) const { BN_free(number); }

}  // namespace pacs
