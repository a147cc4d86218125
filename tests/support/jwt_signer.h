// Signs JSON Web Tokens as another issuer would, and as a forger would like to.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/bytes.h"

namespace pacs::tests {

enum class KeyKind { rsa_2048, rsa_1024, p256, p384, ed25519 };

// A key pair of its own; asserts when OpenSSL refuses.
class JwtSigner {
 public:
  explicit JwtSigner(KeyKind kind);
  ~JwtSigner();
  JwtSigner(JwtSigner&&) noexcept;

  [[nodiscard]] std::string public_pem() const;
  [[nodiscard]] std::string private_pem() const;
  // With SHA-256 but for Ed25519; of an EC key R and S side by side (RFC 7518 3.4).
  [[nodiscard]] ByteVector sign(std::string_view message) const;
  // header.claims.signature; header and claims are JSON texts.
  [[nodiscard]] std::string token(std::string_view header, std::string_view claims) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string unsigned_part(std::string_view header, std::string_view claims);
[[nodiscard]] std::string hs256_token(std::string_view header, std::string_view claims,
                                      std::string_view secret);

}  // namespace pacs::tests
