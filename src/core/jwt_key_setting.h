// Keys by which tokens of another issuer (RFC 7519) are believed: [[pacs_lite_jwt_keys]] tables of
// pacs-lite.toml.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/setting_reader.h"

namespace pacs {

struct JwtKeySetting {
  std::string algorithm;   // the one algorithm that this key is good for: "RS256"
  std::string key_file;    // absolute: PEM of the public key; for HS256 the secret itself
  std::string key_id;      // the token's `kid`; empty: tried for every token
  std::string issuer;      // `iss`, required
  std::string audience;    // `aud`, required
  std::string user_claim;  // which claim names the user
  std::string role_claim;  // which claim holds a role or a list of them
  // What a value of that claim means here: "radiographer" -> {"reader", "uploader"}.
  std::vector<std::pair<std::string, std::vector<std::string>>> roles;
};

// Each table must have algorithm, key_file, issuer, audience and roles; unknown members, unknown
// algorithms and roles, and two keys of one key_id are problems.
[[nodiscard]] std::vector<JwtKeySetting> read_jwt_keys(SettingReader& reader);

}  // namespace pacs
