// JSON Web Tokens of other issuers (RFC 7519), checked as RFC 8725 advises: the key decides the
// algorithm, never the token; issuer, audience and expiry must be there.
#pragma once

#include <chrono>
#include <string_view>
#include <variant>
#include <vector>

#include "access/jwt_key.h"
#include "access/principal.h"
#include "core/clock.h"

namespace pacs::access {

// Any thread: nothing changes after construction.
class JwtVerifier {
 public:
  static constexpr size_t kTokenBytesMax = 8192;      // a request head has little more
  static constexpr std::chrono::seconds kLeeway{30};  // for clocks that differ a little
  static constexpr size_t kUserBytesMax = 255;        // OpenID Connect Core 2: `sub`

  // `clock` outlives the object.
  JwtVerifier(std::vector<JwtKey> keys, const Clock& clock);

  struct Foreign {};  // no JWT, or of an issuer that no key is configured for: not ours to judge
  struct Refused {};  // it claims to be of ours and is not good
  using Verdict = std::variant<Principal, Refused, Foreign>;

  // A principal only when one key of the token's issuer has the token's `kid` (or none of its own)
  // and `alg`, verifies the signature, and audience, exp and nbf fit. Its roles are those that the
  // key's map gives for the role claim; they may be none, which then may do nothing.
  [[nodiscard]] Verdict verify(std::string_view token) const;

 private:
  std::vector<JwtKey> keys_;
  const Clock& clock_;
};

}  // namespace pacs::access
