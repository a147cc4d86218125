#include "access/jwt_claims.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/text.h"

namespace pacs::access {
namespace {

constexpr double kSecondsMax = 253'402'300'799;  // the year 9999; more is no date but a mistake

std::optional<JsonValue> parse_part(std::string_view part) {
  const std::optional<ByteVector> decoded = from_base64url(part);
  if (!decoded) return std::nullopt;
  Result<JsonValue> json = JsonValue::parse(as_text(*decoded));
  if (!json || !json->is_object()) return std::nullopt;
  return std::move(*json);
}

}  // namespace

std::optional<Jwt> Jwt::parse(std::string_view token) {
  const std::vector<std::string_view> parts = split(token, '.');
  if (parts.size() != 3) return std::nullopt;
  std::optional<JsonValue> header = parse_part(parts[0]);
  std::optional<JsonValue> claims = parse_part(parts[1]);
  std::optional<ByteVector> signature = from_base64url(parts[2]);
  if (!header || !claims || !signature) return std::nullopt;
  return Jwt{std::move(*header), std::move(*claims),
             token.substr(0, parts[0].size() + 1 + parts[1].size()), std::move(*signature)};
}

const std::string* find_text(const JsonValue& object, std::string_view name) {
  const JsonValue* member = object.find(name);
  return member == nullptr ? nullptr : member->as_string();
}

bool has_audience(const JsonValue& claims, std::string_view audience) {
  const JsonValue* claim = claims.find("aud");
  if (claim == nullptr) return false;
  if (const std::string* one = claim->as_string()) return *one == audience;
  const JsonValue::Array* many = claim->as_array();
  return many != nullptr && std::any_of(many->begin(), many->end(), [&](const JsonValue& value) {
           return value.as_string() != nullptr && *value.as_string() == audience;
         });
}

std::optional<UnixMillis> find_time(const JsonValue& claims, std::string_view name) {
  const JsonValue* claim = claims.find(name);
  if (claim == nullptr) return std::nullopt;
  const std::optional<double> seconds = claim->as_double();
  if (!seconds || !std::isfinite(*seconds) || *seconds < 0 || *seconds > kSecondsMax) {
    return std::nullopt;
  }
  return static_cast<UnixMillis>(*seconds * 1000);
}

const JsonValue* find_claim(const JsonValue& claims, std::string_view name) {
  if (const JsonValue* claim = claims.find(name)) return claim;
  const JsonValue* claim = &claims;
  for (const std::string_view part : split(name, '.')) {
    claim = claim->find(part);
    if (claim == nullptr) return nullptr;
  }
  return claim;
}

std::vector<std::string_view> claim_values(const JsonValue& claims, std::string_view name) {
  const JsonValue* claim = find_claim(claims, name);
  if (claim == nullptr) return {};
  if (const std::string* one = claim->as_string()) {
    if (name == "scope" || name == "scp") return split(*one, ' ');
    return {*one};
  }
  std::vector<std::string_view> values;
  const JsonValue::Array* many = claim->as_array();
  if (many == nullptr) return {};
  for (const JsonValue& value : *many) {
    if (value.as_string() != nullptr) values.emplace_back(*value.as_string());
  }
  return values;
}

}  // namespace pacs::access
