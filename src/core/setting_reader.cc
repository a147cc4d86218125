#include "core/setting_reader.h"

#include <algorithm>
#include <filesystem>

#include "core/assert.h"
#include "core/setting_catalogue.h"
#include "core/setting_grammar.h"
#include "core/text.h"

namespace pacs {
namespace {

SettingText default_of(std::string_view name) {
  std::error_code error;
  return {std::string(setting_definition(name).default_text), SettingOrigin::built_in,
          "the default", std::filesystem::current_path(error).string()};
}

std::string absolute(const std::string& base_folder, const std::string& text) {
  std::string path = (std::filesystem::path(base_folder) / text).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string range_text(uint64_t least, uint64_t most) {
  return "from " + std::to_string(least) + " to " + std::to_string(most);
}

}  // namespace

SettingText SettingReader::get(std::string_view name) {
  return sources_->find(name).value_or(default_of(name));
}

std::optional<std::string> SettingReader::find_text(std::string_view name) {
  const SettingText found = get(name);
  if (found.text.empty()) return std::nullopt;
  return found.text;
}

std::string SettingReader::text(std::string_view name) { return get(name).text; }

bool SettingReader::boolean(std::string_view name) {
  if (const auto value = parse_boolean_setting(get(name).text)) return *value;
  refuse(name, "is neither true nor false");
  return *parse_boolean_setting(default_of(name).text);
}

uint64_t SettingReader::number(std::string_view name, uint64_t least, uint64_t most) {
  const std::optional<uint64_t> value = parse_unsigned(get(name).text);
  if (value && *value >= least && *value <= most) return *value;
  refuse(name, "is not a whole number " + range_text(least, most));
  return *parse_unsigned(default_of(name).text);
}

uint64_t SettingReader::byte_size(std::string_view name, uint64_t least, uint64_t most) {
  const std::optional<uint64_t> value = parse_byte_size(get(name).text);
  if (!value) {
    refuse(name, "is not a size; write it as 4294967296, 500 MB or 4 GiB");
  } else if (*value < least || *value > most) {
    refuse(name, "is not a size " + range_text(least, most) + " bytes");
  } else {
    return *value;
  }
  return *parse_byte_size(default_of(name).text);
}

unsigned SettingReader::mode(std::string_view name) {
  if (const auto value = parse_octal_mode(get(name).text)) {
    show_as(name, octal_mode_text(*value));
    return *value;
  }
  refuse(name, "is not an octal mode such as 0640 or 0o640");
  return *parse_octal_mode(default_of(name).text);
}

std::vector<std::string> SettingReader::list(std::string_view name) {
  return parse_list_setting(get(name).text);
}

std::optional<std::string> SettingReader::find_path(std::string_view name) {
  const SettingText found = get(name);
  if (found.text.empty()) return std::nullopt;
  std::string path = absolute(found.base_folder, found.text);
  show_as(name, path);
  return path;
}

std::vector<std::string> SettingReader::paths(std::string_view name) {
  const SettingText found = get(name);
  std::vector<std::string> paths;
  std::string shown;
  for (const std::string& text : parse_list_setting(found.text)) {
    paths.push_back(absolute(found.base_folder, text));
    shown += (shown.empty() ? "" : ", ") + paths.back();
  }
  if (!paths.empty()) show_as(name, shown);
  return paths;
}

std::string SettingReader::describe(std::string_view name) const {
  const SettingText found = sources_->find(name).value_or(default_of(name));
  const bool is_secret = setting_definition(name).exposure == SettingDefinition::Exposure::secret;
  const std::string value = is_secret ? "the value" : "'" + found.text + "'";
  return value + " (from " + found.place + ") ";
}

void SettingReader::refuse(std::string_view name, std::string_view why) {
  problems_->error(name, describe(name).append(why));
}

void SettingReader::warn(std::string_view name, std::string_view why) {
  problems_->warning(name, describe(name).append(why));
}

void SettingReader::refuse_choice(std::string_view name, const SettingText& found,
                                  const std::vector<std::string>& spellings) {
  std::string why = "is not one of ";
  for (size_t i = 0; i < spellings.size(); ++i) {
    if (i > 0) why += i + 1 == spellings.size() ? " or " : ", ";
    why += spellings[i];
  }
  if (const auto meant = nearest(found.text, spellings)) why += "; did you mean " + *meant + "?";
  refuse(name, why);
}

void SettingReader::show_as(std::string_view name, std::string text) {
  for (auto& [shown_name, shown_text] : shown_) {
    if (shown_name == name) {
      shown_text = std::move(text);
      return;
    }
  }
  shown_.emplace_back(name, std::move(text));
}

std::vector<SettingInForce> SettingReader::in_force() const {
  std::vector<SettingInForce> all;
  for (const SettingDefinition& setting : setting_catalogue()) {
    const SettingText found = sources_->find(setting.name).value_or(default_of(setting.name));
    SettingInForce entry{std::string(setting.name), found.text, found.origin, found.place};
    const auto shown = std::find_if(shown_.begin(), shown_.end(),
                                    [&](const auto& pair) { return pair.first == setting.name; });
    if (shown != shown_.end()) entry.text = shown->second;
    const bool is_hidden = setting.exposure == SettingDefinition::Exposure::secret;
    if (is_hidden && !entry.text.empty()) entry.text = "(hidden)";
    all.push_back(std::move(entry));
  }
  return all;
}

}  // namespace pacs
