// A private key of RSA, for signatures that others ask for in this form.
#pragma once

#include <memory>
#include <string_view>

#include "core/bytes.h"
#include "core/result.h"

namespace pacs {

// Any thread may sign.
class RsaPrivateKey {
 public:
  static constexpr int kBitsMin = 2048;
  static constexpr int kBitsMax = 16384;

  // Takes exactly one PEM block, "PRIVATE KEY" or "RSA PRIVATE KEY", without a pass phrase.
  // `invalid_argument` (reason "bad_private_key") for anything else; says nothing of the key
  // itself.
  [[nodiscard]] static Result<RsaPrivateKey> from_pem(std::string_view pem);
  RsaPrivateKey(RsaPrivateKey&&) noexcept;
  RsaPrivateKey& operator=(RsaPrivateKey&&) noexcept;
  ~RsaPrivateKey();

  // RSASSA-PKCS1-v1_5 with SHA-1 (RFC 8017 8.2.1): as many bytes as the key has.
  [[nodiscard]] Result<ByteVector> sign_sha1(Bytes message) const;

 private:
  struct State;
  explicit RsaPrivateKey(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pacs
