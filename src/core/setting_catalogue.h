// The names of all settings, their defaults and what they mean: the one list that the command line,
// `config`, the settings file and its spelling help are made from.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pacs {

struct SettingDefinition {
  enum class Exposure {
    shown,
    secret,     // never shown, and no flag: a command line is everybody's to read
    file_only,  // a table that only the settings file can hold
  };

  std::string_view name;
  std::string_view default_text;  // empty: unset
  std::string_view meaning;
  Exposure exposure = Exposure::shown;
};

// In the order in which `config` lists them.
[[nodiscard]] std::span<const SettingDefinition> setting_catalogue();

// The definition of exactly that name; asserts that there is one, since names are written by us.
[[nodiscard]] const SettingDefinition& setting_definition(std::string_view name);

// The definition that a key of the settings file means: upper or lower case. nullptr when none.
[[nodiscard]] const SettingDefinition* find_setting(std::string_view name);

// The name that was probably meant.
[[nodiscard]] std::optional<std::string> nearest_setting(std::string_view name);

// PACS_LITE_LISTEN is "--listen", MEDIA_ROOT "--media-root"; nothing for secrets and tables.
[[nodiscard]] std::optional<std::string> flag_of(const SettingDefinition& setting);

}  // namespace pacs
