#include "access/jwt_verifier.h"

#include <algorithm>
#include <string>
#include <utility>

#include "access/jwt_claims.h"
#include "access/printable.h"
#include "core/crypto.h"

namespace pacs::access {
namespace {

constexpr UnixMillis kLeewayMillis = std::chrono::milliseconds(JwtVerifier::kLeeway).count();

bool is_signed_by(const JwtKey& key, const Jwt& jwt) {
  const Bytes message = as_bytes(jwt.signed_text);
  if (key.algorithm != "HS256") {
    return key.public_key && key.public_key->verify(message, jwt.signature);
  }
  PACS_ASSERT(key.secret.size() >= JwtKey::kSecretBytesMin);
  return equal_in_constant_time(hmac_sha256(key.secret, message).bytes, jwt.signature);
}

// Which keys may verify this token is said by the keys; the token only names one of them.
bool is_for(const JwtKey& key, const std::string& issuer, const std::string& algorithm,
            const std::string* key_id) {
  if (key.issuer != issuer || key.algorithm != algorithm) return false;
  return key.key_id.empty() || (key_id != nullptr && *key_id == key.key_id);
}

// exp is required, nbf is not, but one that is no time is no permission.
std::optional<UnixMillis> valid_until(const JsonValue& claims, UnixMillis now) {
  const std::optional<UnixMillis> expires_at = find_time(claims, "exp");
  if (!expires_at || now >= *expires_at + kLeewayMillis) return std::nullopt;
  if (claims.find("nbf") != nullptr) {
    const std::optional<UnixMillis> not_before = find_time(claims, "nbf");
    if (!not_before || now + kLeewayMillis < *not_before) return std::nullopt;
  }
  return *expires_at + kLeewayMillis;
}

// A text, or the number of a user as some frameworks write it.
std::optional<std::string> user_of(const JsonValue& claims, const std::string& name) {
  const JsonValue* claim = find_claim(claims, name);
  if (claim == nullptr) return std::nullopt;
  std::string user;
  if (const std::string* text = claim->as_string()) user = *text;
  if (const std::optional<int64_t> number = claim->as_int64()) user = std::to_string(*number);
  if (!is_printable_name(user, JwtVerifier::kUserBytesMax)) return std::nullopt;
  return user;
}

// "a|b" of issuer "c" and "b" of issuer "c|a" must not be one principal.
std::string principal_id(const std::string& issuer, const std::string& user) {
  std::string id = "jwt:";
  for (const char character : issuer) {
    if (character == '%') {
      id += "%25";
    } else if (character == '|') {
      id += "%7C";
    } else {
      id += character;
    }
  }
  return id + '|' + user;
}

std::optional<Principal> principal_of(const JwtKey& key, const JsonValue& claims, UnixMillis now) {
  const std::optional<UnixMillis> until = valid_until(claims, now);
  const std::optional<std::string> user = user_of(claims, key.user_claim);
  if (!until || !user || !has_audience(claims, key.audience)) return std::nullopt;

  Principal principal;
  principal.id = principal_id(key.issuer, *user);
  principal.expires_at = until;
  const std::string* name = find_text(claims, "name");
  const bool has_name = name != nullptr && is_printable_name(*name, JwtVerifier::kUserBytesMax);
  principal.display_name = has_name ? *name : *user;
  for (const std::string_view value : claim_values(claims, key.role_claim)) {
    for (const auto& [claim, roles] : key.roles) {
      if (claim == value) principal.roles.add(roles);
    }
  }
  return principal;
}

}  // namespace

JwtVerifier::JwtVerifier(std::vector<JwtKey> keys, const Clock& clock)
    : keys_(std::move(keys)), clock_(clock) {}

JwtVerifier::Verdict JwtVerifier::verify(std::string_view token) const {
  if (keys_.empty() || token.size() > kTokenBytesMax) return Foreign{};
  const std::optional<Jwt> jwt = Jwt::parse(token);
  if (!jwt) return Foreign{};
  const std::string* issuer = find_text(jwt->claims, "iss");
  const bool is_ours = issuer != nullptr && std::any_of(keys_.begin(), keys_.end(), [&](auto& key) {
                         return key.issuer == *issuer;
                       });
  if (!is_ours) return Foreign{};

  const std::string* algorithm = find_text(jwt->header, "alg");
  const JsonValue* key_id = jwt->header.find("kid");
  if (algorithm == nullptr || (key_id != nullptr && key_id->as_string() == nullptr)) {
    return Refused{};
  }
  // RFC 7515 4.1.11: extensions that must be understood; we know none.
  if (jwt->header.find("crit") != nullptr) return Refused{};
  for (const JwtKey& key : keys_) {
    if (!is_for(key, *issuer, *algorithm, key_id == nullptr ? nullptr : key_id->as_string())) {
      continue;
    }
    if (!is_signed_by(key, *jwt)) continue;
    if (auto principal = principal_of(key, jwt->claims, clock_.now())) return *principal;
  }
  return Refused{};
}

}  // namespace pacs::access
