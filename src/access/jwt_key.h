// A key by which another issuer's tokens are believed, read from its file and checked at start.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "access/roles.h"
#include "core/bytes.h"
#include "core/jwt_key_setting.h"
#include "core/public_key.h"
#include "core/result.h"

namespace pacs::access {

struct JwtKey {
  // RFC 7518 3.2: a key of the size of the hash output or larger.
  static constexpr size_t kSecretBytesMin = 32;
  static constexpr size_t kFileBytesMax = 64 * 1024;  // a PEM of any size in use has below 4 kB

  std::string algorithm;  // the one that is believed: "HS256", "RS256", "ES256", "EdDSA"
  std::string key_id;     // empty: tried for every token of its issuer
  std::string issuer;
  std::string audience;
  std::string user_claim;
  std::string role_claim;
  std::vector<std::pair<std::string, Roles>> roles;

  ByteVector secret;                    // of HS256
  std::optional<PublicKey> public_key;  // of the others

  // Reads the key's file. For HS256 its bytes are the secret, without line ends at its end; it must
  // have kSecretBytesMin of them and be closed to other users. Else it is the PEM of a public key
  // that fits the algorithm. Errors, whose detail names the key by its issuer: those of
  // reading the file, permission_denied/secret_exposed, invalid_argument (reasons "bad_jwt_key",
  // "short_secret").
  [[nodiscard]] static Result<JwtKey> load(const JwtKeySetting& setting);
  // All of them, or the first error.
  [[nodiscard]] static Result<std::vector<JwtKey>> load_all(
      const std::vector<JwtKeySetting>& settings);
};

}  // namespace pacs::access
