#include "core/public_key.h"

#include <array>
#include <string>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>

#include "core/openssl_owned.h"
#include "core/text.h"

namespace pacs {
namespace {

constexpr size_t kEs256HalfBytes = 32;  // RFC 7518 3.4

const unsigned char* octets(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Error bad_key(std::string_view why) { return invalid_argument("bad_public_key", why); }

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  size_t length = 0;
  return EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
         std::string_view(group.data(), length) == SN_X9_62_prime256v1;
}

Result<void> check_kind(SignatureAlgorithm algorithm, const EVP_PKEY* key) {
  switch (algorithm) {
    case SignatureAlgorithm::rs256: {
      if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return bad_key("RS256 needs an RSA key");
      const int bits = EVP_PKEY_get_bits(key);
      if (bits < PublicKey::kRsaBitsMin || bits > PublicKey::kRsaBitsMax) {
        return bad_key("an RSA key must have 2048 to 16384 bits; this one has " +
                       std::to_string(bits));
      }
      return {};
    }
    case SignatureAlgorithm::es256:
      if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || !is_p256(key)) {
        return bad_key("ES256 needs a key on the curve P-256");
      }
      return {};
    case SignatureAlgorithm::eddsa:
      if (EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) {
        return bad_key("EdDSA needs an Ed25519 key");
      }
      return {};
  }
  return bad_key("unknown algorithm");
}

// A JWS has R and S side by side; OpenSSL wants the DER of ECDSA-Sig-Value (RFC 3279 2.2.3).
std::optional<ByteVector> der_of_es256(Bytes signature) {
  if (signature.size() != 2 * kEs256HalfBytes) return std::nullopt;
  OpensslOwned<BIGNUM> r(BN_bin2bn(octets(signature), kEs256HalfBytes, nullptr));
  OpensslOwned<BIGNUM> s(BN_bin2bn(octets(signature) + kEs256HalfBytes, kEs256HalfBytes, nullptr));
  const OpensslOwned<ECDSA_SIG> both(ECDSA_SIG_new());
  if (!r || !s || !both || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) return std::nullopt;
  (void)r.release();
  (void)s.release();
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(both.get(), &der);
  if (length <= 0) return std::nullopt;
  const auto* first = reinterpret_cast<const std::byte*>(der);
  ByteVector bytes(first, first + length);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace

std::optional<SignatureAlgorithm> parse_signature_algorithm(std::string_view name) {
  if (name == "RS256") return SignatureAlgorithm::rs256;
  if (name == "ES256") return SignatureAlgorithm::es256;
  if (name == "EdDSA") return SignatureAlgorithm::eddsa;
  return std::nullopt;
}

struct PublicKey::State {
  SignatureAlgorithm algorithm;
  OpensslOwned<EVP_PKEY> key;
};

PublicKey::PublicKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
PublicKey::PublicKey(PublicKey&&) noexcept = default;
PublicKey& PublicKey::operator=(PublicKey&&) noexcept = default;
PublicKey::~PublicKey() = default;

SignatureAlgorithm PublicKey::algorithm() const { return state_->algorithm; }

Result<PublicKey> PublicKey::from_pem(SignatureAlgorithm algorithm, std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  if (pem.find("PRIVATE KEY-----") != std::string_view::npos) {
    return bad_key("the file holds a private key; give the public one alone");
  }
  const size_t begin = pem.find(kBegin);
  if (begin == std::string_view::npos || !pem.substr(begin).starts_with("-----BEGIN PUBLIC KEY")) {
    return bad_key("the file holds no PEM block 'PUBLIC KEY'");
  }
  if (pem.find(kBegin, begin + 1) != std::string_view::npos) {
    return bad_key("the file holds more than one PEM block");
  }
  const OpensslOwned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  auto state = std::make_unique<State>();
  state->algorithm = algorithm;
  state->key.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!state->key) return bad_key("the PEM block cannot be read as a public key");
  PACS_TRY(check_kind(algorithm, state->key.get()));
  return PublicKey(std::move(state));
}

bool PublicKey::verify(Bytes message, Bytes signature) const {
  std::optional<ByteVector> der;
  if (state_->algorithm == SignatureAlgorithm::es256) {
    der = der_of_es256(signature);
    if (!der) return false;
    signature = *der;
  }
  const char* digest_name = state_->algorithm == SignatureAlgorithm::eddsa ? nullptr : "SHA256";
  const OpensslOwned<EVP_MD_CTX> digest(EVP_MD_CTX_new());
  const bool good = digest &&
                    EVP_DigestVerifyInit_ex(digest.get(), nullptr, digest_name, nullptr, nullptr,
                                            state_->key.get(), nullptr) == 1 &&
                    EVP_DigestVerify(digest.get(), octets(signature), signature.size(),
                                     octets(message), message.size()) == 1;
  ERR_clear_error();  // a bad signature leaves an error behind for whoever asks next
  return good;
}

}  // namespace pacs
