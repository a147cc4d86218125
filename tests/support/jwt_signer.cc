#include "tests/support/jwt_signer.h"

#include <algorithm>
#include <utility>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "core/assert.h"
#include "core/crypto.h"

namespace pacs::tests {
namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

EVP_PKEY* generate(KeyKind kind) {
  switch (kind) {
    case KeyKind::rsa_2048:
      return EVP_RSA_gen(2048);
    case KeyKind::rsa_1024:
      return EVP_RSA_gen(1024);
    case KeyKind::p256:
      return EVP_EC_gen("P-256");
    case KeyKind::p384:
      return EVP_EC_gen("P-384");
    case KeyKind::ed25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  }
  return nullptr;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const auto length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(length)};
}

ByteVector side_by_side(const ByteVector& der, size_t half) {
  const auto* first = reinterpret_cast<const unsigned char*>(der.data());
  const Owned<ECDSA_SIG> both(d2i_ECDSA_SIG(nullptr, &first, static_cast<long>(der.size())));
  PACS_ASSERT(both != nullptr);
  ByteVector result(2 * half);
  auto* out = reinterpret_cast<unsigned char*>(result.data());
  PACS_ASSERT(BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), out, static_cast<int>(half)) > 0);
  PACS_ASSERT(BN_bn2binpad(ECDSA_SIG_get0_s(both.get()), out + half, static_cast<int>(half)) > 0);
  return result;
}

}  // namespace

struct JwtSigner::State {
  KeyKind kind;
  Owned<EVP_PKEY> key;
};

JwtSigner::JwtSigner(KeyKind kind) : state_(std::make_unique<State>()) {
  state_->kind = kind;
  state_->key.reset(generate(kind));
  PACS_ASSERT(state_->key != nullptr);
}
JwtSigner::~JwtSigner() = default;
JwtSigner::JwtSigner(JwtSigner&&) noexcept = default;

std::string JwtSigner::public_pem() const {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  PACS_ASSERT(PEM_write_bio_PUBKEY(bio.get(), state_->key.get()) == 1);
  return text_of(bio.get());
}

std::string JwtSigner::private_pem() const {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  PACS_ASSERT(PEM_write_bio_PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr, 0, nullptr,
                                       nullptr) == 1);
  return text_of(bio.get());
}

ByteVector JwtSigner::sign(std::string_view message) const {
  const char* digest_name = state_->kind == KeyKind::ed25519 ? nullptr : "SHA256";
  const Owned<EVP_MD_CTX> digest(EVP_MD_CTX_new());
  PACS_ASSERT(EVP_DigestSignInit_ex(digest.get(), nullptr, digest_name, nullptr, nullptr,
                                    state_->key.get(), nullptr) == 1);
  const auto* data = reinterpret_cast<const unsigned char*>(message.data());
  size_t length = 0;
  PACS_ASSERT(EVP_DigestSign(digest.get(), nullptr, &length, data, message.size()) == 1);
  ByteVector signature(length);
  PACS_ASSERT(EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()),
                             &length, data, message.size()) == 1);
  signature.resize(length);
  if (state_->kind == KeyKind::p256) return side_by_side(signature, 32);
  if (state_->kind == KeyKind::p384) return side_by_side(signature, 48);
  return signature;
}

std::string JwtSigner::token(std::string_view header, std::string_view claims) const {
  const std::string message = unsigned_part(header, claims);
  return message + '.' + to_base64url(sign(message));
}

std::string unsigned_part(std::string_view header, std::string_view claims) {
  return to_base64url(as_bytes(header)) + '.' + to_base64url(as_bytes(claims));
}

std::string hs256_token(std::string_view header, std::string_view claims, std::string_view secret) {
  const std::string message = unsigned_part(header, claims);
  return message + '.' + to_base64url(hmac_sha256(as_bytes(secret), as_bytes(message)).bytes);
}

}  // namespace pacs::tests
