#include "core/setting_sources.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "core/setting_catalogue.h"
#include "core/text.h"

namespace pacs {
namespace {

// Python's None reaches us as text when settings are exported from a settings.py.
bool is_set(std::string_view text) {
  const std::string_view trimmed = trim(text);
  return !trimmed.empty() && trimmed != "None";
}

std::string current_folder() {
  std::error_code error;
  return std::filesystem::current_path(error).string();
}

}  // namespace

std::string_view to_string(SettingOrigin origin) {
  switch (origin) {
    case SettingOrigin::flag:
      return "flag";
    case SettingOrigin::environment:
      return "environment";
    case SettingOrigin::file:
      return "file";
    case SettingOrigin::built_in:
      return "default";
  }
  return "default";
}

SettingSources::SettingSources(Texts flags, Texts environment, SettingsFile file)
    : flags_(std::move(flags)), environment_(std::move(environment)), file_(std::move(file)) {}

SettingSources::Texts SettingSources::from_environment() {
  Texts texts;
  for (const SettingDefinition& setting : setting_catalogue()) {
    if (setting.exposure == SettingDefinition::Exposure::file_only) continue;
    const std::string name(setting.name);
    if (const char* value = std::getenv(name.c_str())) texts[name] = value;
  }
  return texts;
}

std::optional<SettingText> SettingSources::find(std::string_view name) const {
  const auto flag = flags_.find(name);
  if (flag != flags_.end() && is_set(flag->second)) {
    const std::string spelling = flag_of(setting_definition(name)).value_or(std::string(name));
    return SettingText{std::string(trim(flag->second)), SettingOrigin::flag, spelling,
                       current_folder()};
  }
  const auto variable = environment_.find(name);
  if (variable != environment_.end() && is_set(variable->second)) {
    return SettingText{std::string(trim(variable->second)), SettingOrigin::environment,
                       "the environment", current_folder()};
  }
  const auto entry = file_.entries.find(name);
  if (entry != file_.entries.end() && is_set(entry->second.text)) {
    return SettingText{std::string(trim(entry->second.text)), SettingOrigin::file,
                       file_.path + " line " + std::to_string(entry->second.line),
                       std::filesystem::path(file_.path).parent_path().string()};
  }
  return std::nullopt;
}

}  // namespace pacs
