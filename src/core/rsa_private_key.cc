#include "core/rsa_private_key.h"

#include <string>
#include <utility>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/openssl_owned.h"

namespace pacs {
namespace {

Error bad_private_key(std::string_view why) { return invalid_argument("bad_private_key", why); }

// A service has nobody to ask for a pass phrase; without this OpenSSL would ask the terminal.
int no_pass_phrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*context*/) {
  return -1;
}

}  // namespace

struct RsaPrivateKey::State {
  OpensslOwned<EVP_PKEY> key;
};

RsaPrivateKey::RsaPrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
RsaPrivateKey::RsaPrivateKey(RsaPrivateKey&&) noexcept = default;
RsaPrivateKey& RsaPrivateKey::operator=(RsaPrivateKey&&) noexcept = default;
RsaPrivateKey::~RsaPrivateKey() = default;

Result<RsaPrivateKey> RsaPrivateKey::from_pem(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  const size_t begin = pem.find(kBegin);
  if (begin == std::string_view::npos) return bad_private_key("there is no PEM block");
  if (pem.find(kBegin, begin + 1) != std::string_view::npos) {
    return bad_private_key("there is more than one PEM block");
  }
  const OpensslOwned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto state = std::make_unique<State>();
  state->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
  ERR_clear_error();
  if (!state->key) {
    return bad_private_key("the PEM block cannot be read as a private key without a pass phrase");
  }
  if (EVP_PKEY_get_base_id(state->key.get()) != EVP_PKEY_RSA)
    return bad_private_key("it is no RSA key");
  const int bits = EVP_PKEY_get_bits(state->key.get());
  if (bits < kBitsMin || bits > kBitsMax) {
    return bad_private_key("an RSA key must have 2048 to 16384 bits; this one has " +
                           std::to_string(bits));
  }
  return RsaPrivateKey(std::move(state));
}

Result<ByteVector> RsaPrivateKey::sign_sha1(Bytes message) const {
  const OpensslOwned<EVP_MD_CTX> digest(EVP_MD_CTX_new());
  const auto* text = reinterpret_cast<const unsigned char*>(message.data());
  size_t length = static_cast<size_t>(EVP_PKEY_get_size(state_->key.get()));
  ByteVector signature(length);
  const bool is_signed =
      digest &&
      EVP_DigestSignInit_ex(digest.get(), nullptr, "SHA1", nullptr, nullptr, state_->key.get(),
                            nullptr) == 1 &&
      EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     text, message.size()) == 1;
  ERR_clear_error();
  // Distributions may forbid SHA-1 in signatures for the whole machine.
  if (!is_signed) {
    return unavailable("no_signature", "this machine's OpenSSL makes no RSA signature with SHA-1");
  }
  signature.resize(length);
  return signature;
}

}  // namespace pacs
