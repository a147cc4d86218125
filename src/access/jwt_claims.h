// A JSON Web Token taken apart (RFC 7515 3.1), and what its claims say. Nothing here is believed
// yet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/json_value.h"

namespace pacs::access {

struct Jwt {
  JsonValue header;
  JsonValue claims;
  std::string_view signed_text;  // into the token
  ByteVector signature;

  // Three parts of base64url, the first two JSON objects; nothing for anything else.
  [[nodiscard]] static std::optional<Jwt> parse(std::string_view token);
};

// The member when it is text.
[[nodiscard]] const std::string* find_text(const JsonValue& object, std::string_view name);

// `aud` is a text or a list of texts (RFC 7519 4.1.3).
[[nodiscard]] bool has_audience(const JsonValue& claims, std::string_view audience);

// A NumericDate (RFC 7519 2), also with a fraction; nothing when it is absent or none of this age.
[[nodiscard]] std::optional<UnixMillis> find_time(const JsonValue& claims, std::string_view name);

// The claim of that name; else, for a name with dots, the claim inside claims
// ("realm_access.roles").
[[nodiscard]] const JsonValue* find_claim(const JsonValue& claims, std::string_view name);

// The values of a claim that is a text or a list of texts. `scope` and `scp` are words with spaces
// between them (RFC 8693 4.2).
[[nodiscard]] std::vector<std::string_view> claim_values(const JsonValue& claims,
                                                         std::string_view name);

}  // namespace pacs::access
