// Hashes, message authentication, signatures and secret random bytes, over OpenSSL's EVP.
// Objects belong to one thread at a time; the functions may be called from any.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/result.h"

namespace pacs {

// FIPS 180-4. Shown and stored as 64 lower-case hexadecimal digits.
struct Sha256Digest {
  std::array<std::byte, 32> bytes{};

  [[nodiscard]] std::string hex() const { return to_hex(bytes); }
  // Nothing unless there are exactly 64 hexadecimal digits, of either case.
  [[nodiscard]] static std::optional<Sha256Digest> from_hex(std::string_view text);
  friend bool operator==(const Sha256Digest&, const Sha256Digest&) = default;
};

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(Bytes bytes);
  // The digest of all bytes so far; the object then starts afresh.
  [[nodiscard]] Sha256Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] Sha256Digest sha256(Bytes bytes);
[[nodiscard]] Sha256Digest hmac_sha256(Bytes key, Bytes message);

// RFC 8032. Made from its 32-byte seed, which is the secret to keep.
class Ed25519Key {
 public:
  [[nodiscard]] static Result<Ed25519Key> from_seed(Bytes seed);
  Ed25519Key(Ed25519Key&&) noexcept;
  Ed25519Key& operator=(Ed25519Key&&) noexcept;
  ~Ed25519Key();

  [[nodiscard]] std::array<std::byte, 32> public_key() const;
  [[nodiscard]] std::array<std::byte, 64> sign(Bytes message) const;

 private:
  struct State;
  explicit Ed25519Key(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

[[nodiscard]] bool ed25519_verify(Bytes public_key, Bytes message, Bytes signature);

// Takes the same time whatever the bytes are; false at once when the lengths differ.
[[nodiscard]] bool equal_in_constant_time(Bytes left, Bytes right);

// Where secrets, UUIDs and jitter come from. Any thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableBytes buffer) = 0;
};

// The operating system's generator; stops the process when there is none.
class SystemRandom final : public Random {
 public:
  void fill(MutableBytes buffer) override;
};

}  // namespace pacs
