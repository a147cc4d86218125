// Verifying signatures of others by their public keys, in the form that JSON Web Signatures have
// (RFC 7518 3.1, RFC 8037), over OpenSSL.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/bytes.h"
#include "core/result.h"

namespace pacs {

enum class SignatureAlgorithm : uint8_t {
  rs256,  // RSASSA-PKCS1-v1_5 with SHA-256; the key has 2048 bits or more
  es256,  // ECDSA on P-256 with SHA-256; the signature is R and S, 32 bytes each
  eddsa,  // Ed25519
};

// "RS256", "ES256", "EdDSA".
[[nodiscard]] std::optional<SignatureAlgorithm> parse_signature_algorithm(std::string_view name);

// Any thread may verify. A key is good for the one algorithm that it was read for.
class PublicKey {
 public:
  static constexpr int kRsaBitsMin = 2048;   // RFC 7518 3.3
  static constexpr int kRsaBitsMax = 16384;  // OpenSSL verifies no larger ones

  // Takes exactly one "BEGIN PUBLIC KEY" block. invalid_argument (reason "bad_public_key") when it
  // is no public key, a private one, of another kind than the algorithm needs, or too small.
  [[nodiscard]] static Result<PublicKey> from_pem(SignatureAlgorithm algorithm,
                                                  std::string_view pem);
  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;
  ~PublicKey();

  [[nodiscard]] SignatureAlgorithm algorithm() const;
  [[nodiscard]] bool verify(Bytes message, Bytes signature) const;

 private:
  struct State;
  explicit PublicKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pacs
