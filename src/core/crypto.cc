#include "core/crypto.h"

#include <algorithm>
#include <array>
#include <new>
#include <string>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "core/assert.h"
#include "core/openssl_hash.h"
#include "core/openssl_owned.h"

namespace pacs {
namespace {

const unsigned char* raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(MutableBytes bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

using KeyPointer = OpensslOwned<EVP_PKEY>;
using MacPointer = OpensslOwned<EVP_MAC_CTX>;
using DigestPointer = OpensslOwned<EVP_MD_CTX>;

const evp_md_st* sha256_algorithm() {
  static const evp_md_st* const algorithm = OpensslHash::find("SHA256");
  return algorithm;
}

// OpenSSL does not look whether it was given one. Without memory this is as any allocation of ours.
DigestPointer new_digest() {
  DigestPointer digest(EVP_MD_CTX_new());
  if (!digest) throw std::bad_alloc();
  return digest;
}

// Made once for each thread and given each message's key: HMAC() searches the providers for both
// algorithms on every use.
MacPointer new_hmac_sha256() {
  EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  MacPointer mac(EVP_MAC_CTX_new(algorithm));
  EVP_MAC_free(algorithm);  // the context holds it
  if (!mac) throw std::bad_alloc();
  std::string digest = "SHA256";
  const std::array parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_end()};
  PACS_ASSERT(EVP_MAC_CTX_set_params(mac.get(), parameters.data()) == 1);
  return mac;
}

}  // namespace

std::optional<Sha256Digest> Sha256Digest::from_hex(std::string_view text) {
  const auto decoded = pacs::from_hex(text);
  Sha256Digest digest;
  if (!decoded || decoded->size() != digest.bytes.size()) return std::nullopt;
  std::copy(decoded->begin(), decoded->end(), digest.bytes.begin());
  return digest;
}

struct Sha256::State {
  OpensslHash hash{sha256_algorithm()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(Bytes bytes) { state_->hash.update(bytes); }

Sha256Digest Sha256::finish() {
  Sha256Digest digest;
  state_->hash.finish(MutableBytes(digest.bytes));
  return digest;
}

Sha256Digest sha256(Bytes bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

Sha256Digest hmac_sha256(Bytes key, Bytes message) {
  Sha256Digest result;
  thread_local const MacPointer mac = new_hmac_sha256();
  // No key at all would mean the one before to OpenSSL, which an empty one must not.
  constexpr unsigned char kEmptyKey = 0;
  const unsigned char* const key_bytes = key.empty() ? &kEmptyKey : raw(key);
  size_t size = 0;
  PACS_ASSERT(
      EVP_MAC_init(mac.get(), key_bytes, key.size(), nullptr) == 1 &&
      EVP_MAC_update(mac.get(), raw(message), message.size()) == 1 &&
      EVP_MAC_final(mac.get(), raw(MutableBytes(result.bytes)), &size, result.bytes.size()) == 1 &&
      size == result.bytes.size());
  return result;
}

struct Ed25519Key::State {
  KeyPointer key;
};

Ed25519Key::Ed25519Key(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ed25519Key::Ed25519Key(Ed25519Key&&) noexcept = default;
Ed25519Key& Ed25519Key::operator=(Ed25519Key&&) noexcept = default;
Ed25519Key::~Ed25519Key() = default;

Result<Ed25519Key> Ed25519Key::from_seed(Bytes seed) {
  if (seed.size() != 32) return invalid_argument("bad_key", "an Ed25519 seed has 32 bytes");
  auto state = std::make_unique<State>();
  state->key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed), seed.size()));
  if (!state->key) return internal_error("bad_key", "OpenSSL refuses the Ed25519 seed");
  return Ed25519Key(std::move(state));
}

std::array<std::byte, 32> Ed25519Key::public_key() const {
  std::array<std::byte, 32> result{};
  size_t length = result.size();
  PACS_ASSERT(EVP_PKEY_get_raw_public_key(state_->key.get(), raw(MutableBytes(result)), &length) ==
              1);
  return result;
}

std::array<std::byte, 64> Ed25519Key::sign(Bytes message) const {
  std::array<std::byte, 64> result{};
  size_t length = result.size();
  const DigestPointer digest = new_digest();
  PACS_ASSERT(EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1);
  PACS_ASSERT(EVP_DigestSign(digest.get(), raw(MutableBytes(result)), &length, raw(message),
                             message.size()) == 1);
  return result;
}

bool ed25519_verify(Bytes public_key, Bytes message, Bytes signature) {
  const KeyPointer key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(public_key), public_key.size()));
  if (!key) return false;
  const DigestPointer digest = new_digest();
  return EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(digest.get(), raw(signature), signature.size(), raw(message),
                          message.size()) == 1;
}

bool equal_in_constant_time(Bytes left, Bytes right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

void SystemRandom::fill(MutableBytes buffer) {
  PACS_ASSERT(RAND_bytes(raw(buffer), static_cast<int>(buffer.size())) == 1);
}

}  // namespace pacs
