#include "core/jwt_key_setting.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "core/json_value.h"
#include "core/text.h"

namespace pacs {
namespace {

constexpr std::string_view kJwtKeysName = "PACS_LITE_JWT_KEYS";
constexpr size_t kKeysMax = 32;  // a key for each issuer and a few that are being replaced

// "none" is an algorithm of RFC 7518 too, and the reason why the list is short.
constexpr std::array<std::string_view, 4> kAlgorithms = {"RS256", "ES256", "EdDSA", "HS256"};
constexpr std::array<std::string_view, 4> kRoles = {"reader", "uploader", "admin", "metrics"};

template <size_t kCount>
std::vector<std::string> texts(const std::array<std::string_view, kCount>& views) {
  return {views.begin(), views.end()};
}

class TableReader {
 public:
  TableReader(SettingReader& reader, size_t number)
      : reader_(&reader), prefix_("table " + std::to_string(number) + ": ") {}

  JwtKeySetting read(const JsonValue& table) {
    JwtKeySetting key;
    key.user_claim = "sub";
    key.role_claim = "roles";
    if (!table.is_object()) {
      refuse("is no table");
      return key;
    }
    for (const auto& [name, value] : *table.as_object()) take(key, name, value);
    require(key.algorithm, "algorithm");
    require(key.key_file, "key_file");
    require(key.issuer, "issuer");
    require(key.audience, "audience");
    if (key.roles.empty()) refuse("has no roles");
    return key;
  }

 private:
  void refuse(const std::string& why) { reader_->problems().error(kJwtKeysName, prefix_ + why); }

  void require(const std::string& text, const char* name) {
    if (text.empty()) refuse(std::string("has no ") + name);
  }

  static std::string* text_member(JwtKeySetting& key, std::string_view name) {
    if (name == "algorithm") return &key.algorithm;
    if (name == "key_file") return &key.key_file;
    if (name == "key_id") return &key.key_id;
    if (name == "issuer") return &key.issuer;
    if (name == "audience") return &key.audience;
    if (name == "user_claim") return &key.user_claim;
    if (name == "role_claim") return &key.role_claim;
    return nullptr;
  }

  void take(JwtKeySetting& key, const std::string& name, const JsonValue& value) {
    if (name == "roles") {
      take_roles(key, value);
      return;
    }
    std::string* member = text_member(key, name);
    if (member == nullptr) {
      refuse_unknown(name);
    } else if (value.as_string() == nullptr || value.as_string()->empty()) {
      refuse(name + " is no text");
    } else {
      *member = *value.as_string();
      check(key, name);
    }
  }

  void check(JwtKeySetting& key, const std::string& name) {
    if (name == "algorithm" &&
        std::find(kAlgorithms.begin(), kAlgorithms.end(), key.algorithm) == kAlgorithms.end()) {
      refuse("algorithm '" + key.algorithm + "' is not one of RS256, ES256, EdDSA, HS256");
    }
    if (name == "key_file") {
      const std::filesystem::path folder =
          std::filesystem::path(reader_->file_path()).parent_path();
      key.key_file = (folder / key.key_file).lexically_normal().string();
    }
  }

  void refuse_unknown(const std::string& name) {
    const std::vector<std::string> known = {"algorithm", "key_file",   "key_id",     "issuer",
                                            "audience",  "user_claim", "role_claim", "roles"};
    std::string why = "has an unknown member '" + name + "'";
    if (const auto meant = nearest(to_lower(name), known)) why += "; did you mean " + *meant + "?";
    refuse(why);
  }

  void take_roles(JwtKeySetting& key, const JsonValue& value) {
    if (!value.is_object()) {
      refuse("roles is no table");
      return;
    }
    for (const auto& [claim, roles] : *value.as_object()) {
      std::vector<std::string> ours;
      if (const std::string* one = roles.as_string()) {
        take_role(ours, *one);
      } else if (const JsonValue::Array* many = roles.as_array()) {
        for (const JsonValue& role : *many) {
          take_role(ours, role.as_string() != nullptr ? *role.as_string() : role.to_json());
        }
      } else {
        refuse("the roles of '" + claim + "' are no text and no list");
      }
      key.roles.emplace_back(claim, std::move(ours));
    }
  }

  void take_role(std::vector<std::string>& ours, const std::string& role) {
    if (std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end()) {
      ours.push_back(role);
      return;
    }
    std::string why = "'" + role + "' is not one of reader, uploader, admin, metrics";
    if (const auto meant = nearest(role, texts(kRoles))) why += "; did you mean " + *meant + "?";
    refuse(why);
  }

  SettingReader* reader_;
  std::string prefix_;
};

void check_distinct(SettingReader& reader, const std::vector<JwtKeySetting>& keys) {
  for (size_t i = 0; i < keys.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (keys[i].key_id.empty() || keys[i].key_id != keys[j].key_id) continue;
      reader.problems().error(kJwtKeysName, "two tables have the key_id '" + keys[i].key_id + "'");
    }
  }
}

}  // namespace

std::vector<JwtKeySetting> read_jwt_keys(SettingReader& reader) {
  std::vector<JwtKeySetting> keys;
  const std::optional<std::string> text = reader.find_text(kJwtKeysName);
  if (!text) return keys;
  const Result<JsonValue> json = JsonValue::parse(*text);
  if (!json || json->as_array() == nullptr) {
    reader.refuse(kJwtKeysName, "is no list of tables; write [[pacs_lite_jwt_keys]]");
    return keys;
  }
  if (json->as_array()->size() > kKeysMax) {
    reader.problems().error(kJwtKeysName, "more than " + std::to_string(kKeysMax) + " keys");
    return keys;
  }
  for (const JsonValue& table : *json->as_array()) {
    keys.push_back(TableReader(reader, keys.size() + 1).read(table));
  }
  check_distinct(reader, keys);
  return keys;
}

}  // namespace pacs
