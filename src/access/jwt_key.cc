#include "access/jwt_key.h"

#include <utility>

#include "access/private_file.h"
#include "core/file.h"

namespace pacs::access {
namespace {

Error bad_key(const JwtKeySetting& setting, std::string_view reason, const std::string& why) {
  return invalid_argument(reason,
                          "PACS_LITE_JWT_KEYS, the key of issuer '" + setting.issuer + "': " + why);
}

// What the caller sees is which key of the settings it is; the code stays what it was.
Error named(const JwtKeySetting& setting, Error error) {
  error.detail = "PACS_LITE_JWT_KEYS, the key of issuer '" + setting.issuer + "': " + error.detail;
  return error;
}

Result<ByteVector> load_secret(const JwtKeySetting& setting) {
  Result<std::string> text =
      read_private_file(setting.key_file, PrivateTo::owner_and_group, JwtKey::kFileBytesMax);
  if (!text) return named(setting, std::move(text).error());
  while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
  if (text->size() < JwtKey::kSecretBytesMin) {
    return bad_key(setting, "short_secret",
                   "an HS256 secret has 32 bytes or more; make one with 'openssl rand -hex 32'");
  }
  // With a public key as the secret, whoever has that key could sign.
  if (text->find("-----BEGIN ") != std::string::npos) {
    return bad_key(setting, "bad_jwt_key", "HS256 takes a secret, and the file holds a PEM key");
  }
  const Bytes bytes = as_bytes(*text);
  return ByteVector(bytes.begin(), bytes.end());
}

Result<PublicKey> load_public_key(const JwtKeySetting& setting, SignatureAlgorithm algorithm) {
  Result<std::string> pem = read_file(setting.key_file, JwtKey::kFileBytesMax);
  if (!pem) return named(setting, std::move(pem).error());
  Result<PublicKey> key = PublicKey::from_pem(algorithm, *pem);
  if (!key) return bad_key(setting, "bad_jwt_key", key.error().detail);
  return key;
}

}  // namespace

Result<JwtKey> JwtKey::load(const JwtKeySetting& setting) {
  if (setting.issuer.empty() || setting.audience.empty() || setting.user_claim.empty()) {
    return bad_key(setting, "bad_jwt_key", "issuer, audience and user_claim are needed");
  }
  JwtKey key;
  key.algorithm = setting.algorithm;
  key.key_id = setting.key_id;
  key.issuer = setting.issuer;
  key.audience = setting.audience;
  key.user_claim = setting.user_claim;
  key.role_claim = setting.role_claim;
  for (const auto& [value, words] : setting.roles) {
    Roles roles;
    for (const std::string& word : words) {
      const std::optional<Role> role = parse_role(word);
      if (!role) return bad_key(setting, "bad_jwt_key", "'" + word + "' is no role");
      roles.add(*role);
    }
    key.roles.emplace_back(value, roles);
  }
  if (setting.algorithm == "HS256") {
    key.secret = PACS_TRY(load_secret(setting));
    return key;
  }
  const auto algorithm = parse_signature_algorithm(setting.algorithm);
  if (!algorithm) {
    return bad_key(setting, "bad_jwt_key", "'" + setting.algorithm + "' is no algorithm of ours");
  }
  key.public_key = PACS_TRY(load_public_key(setting, *algorithm));
  return key;
}

Result<std::vector<JwtKey>> JwtKey::load_all(const std::vector<JwtKeySetting>& settings) {
  std::vector<JwtKey> keys;
  for (const JwtKeySetting& setting : settings) keys.push_back(PACS_TRY(load(setting)));
  return keys;
}

}  // namespace pacs::access
