// Where settings come from: flags, then the environment, then pacs-lite.toml, then the default.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/settings_file.h"

namespace pacs {

enum class SettingOrigin { flag, environment, file, built_in };

[[nodiscard]] std::string_view to_string(SettingOrigin origin);

struct SettingText {
  std::string text;
  SettingOrigin origin = SettingOrigin::built_in;
  std::string place;        // "--listen", "the environment", "/etc/…/pacs-lite.toml line 3"
  std::string base_folder;  // of relative paths: the file's folder, else the current one
};

// What a setting came to be, for `config`.
struct SettingInForce {
  std::string name;
  std::string text;  // "(hidden)" for a secret; empty when it is unset
  SettingOrigin origin = SettingOrigin::built_in;
  std::string place;
};

class SettingSources {
 public:
  using Texts = std::map<std::string, std::string, std::less<>>;

  // `flags` and `environment` by the name of the setting.
  SettingSources(Texts flags, Texts environment, SettingsFile file);

  // The settings of the catalogue that stand in this process's environment.
  [[nodiscard]] static Texts from_environment();

  // The first source that sets it; empty and "None" do not. Nothing: the default holds.
  [[nodiscard]] std::optional<SettingText> find(std::string_view name) const;

  [[nodiscard]] const SettingsFile& file() const { return file_; }

 private:
  Texts flags_;
  Texts environment_;
  SettingsFile file_;
};

}  // namespace pacs
