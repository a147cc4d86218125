// Ownership of OpenSSL's objects, for the sources of this module that use them.
#pragma once

#include <memory>

// As OpenSSL names them: EVP_PKEY, EVP_MAC_CTX, EVP_MD_CTX, BIO, ECDSA_SIG, BIGNUM.
struct evp_pkey_st;
struct evp_mac_ctx_st;
struct evp_md_ctx_st;
struct bio_st;
struct ECDSA_SIG_st;
struct bignum_st;

namespace pacs {

struct FreeOpenssl {
  void operator()(evp_pkey_st* key) const;
  void operator()(evp_mac_ctx_st* mac) const;
  void operator()(evp_md_ctx_st* digest) const;
  void operator()(bio_st* bio) const;
  void operator()(ECDSA_SIG_st* signature) const;
  void operator()(bignum_st* number) const;
};
template <typename T>
using OpensslOwned = std::unique_ptr<T, FreeOpenssl>;

}  // namespace pacs
