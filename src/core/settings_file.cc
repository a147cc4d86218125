#include "core/settings_file.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>

#include <sys/stat.h>

#define TOML_EXCEPTIONS 0
// In debug builds toml++ asserts that a table's name begins like one, and only then checks it.
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>

#include "core/file.h"
#include "core/json_writer.h"
#include "core/setting_catalogue.h"
#include "core/toml_quotes.h"

namespace pacs {
namespace {

std::string octal_text(int64_t value) {
  std::ostringstream text;
  text << "0o" << std::oct << value;
  return text.str();
}

std::optional<std::string> scalar_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  if (const auto* number = node.as_integer()) {
    const bool is_octal = number->flags() == toml::value_flags::format_as_octal;
    return is_octal ? octal_text(number->get()) : std::to_string(number->get());
  }
  return std::nullopt;
}

// toml++ has bounded the depth of what it parsed (TOML_MAX_NESTED_VALUES).
bool write_json(const toml::node& node, JsonWriter& json) {  // NOLINT(misc-no-recursion)
  bool good = true;
  if (const auto* table = node.as_table()) {
    json.begin_object();
    for (const auto& [key, member] : *table) {
      json.key(key.str());
      good = write_json(member, json) && good;
    }
    json.end_object();
  } else if (const auto* array = node.as_array()) {
    json.begin_array();
    for (const toml::node& member : *array) good = write_json(member, json) && good;
    json.end_array();
  } else if (const auto* text = node.as_string()) {
    json.string(text->get());
  } else if (const auto* number = node.as_integer()) {
    json.number(number->get());
  } else if (const auto* truth = node.as_boolean()) {
    json.boolean(truth->get());
  } else {
    json.null();
    good = false;
  }
  return good;
}

bool holds_tables(const toml::node& node) {
  if (node.is_table()) return true;
  const auto* array = node.as_array();
  return array != nullptr && !array->empty() && array->front().is_table();
}

// The value as text, or nothing for a float, a date, or lists within lists.
std::optional<std::string> value_text(const toml::node& node) {
  if (holds_tables(node)) {
    JsonWriter json;
    const bool good = write_json(node, json);
    std::string text = json.take();
    return good ? std::optional(std::move(text)) : std::nullopt;
  }
  const auto* array = node.as_array();
  if (array == nullptr) return scalar_text(node);
  std::string joined;
  for (const toml::node& member : *array) {
    const std::optional<std::string> text = scalar_text(member);
    if (!text) return std::nullopt;
    if (!joined.empty()) joined += ", ";
    joined += *text;
  }
  return joined;
}

std::string place(const SettingsFile& file, int line) {
  return file.path + " line " + std::to_string(line);
}

void take_entry(SettingsFile& file, const toml::key& key, const toml::node& node,
                SettingProblems& problems) {
  const int line = static_cast<int>(key.source().begin.line);
  const SettingDefinition* setting = find_setting(key.str());
  if (setting == nullptr) {
    std::string text = "no such setting (" + place(file, line) + ")";
    if (const auto meant = nearest_setting(key.str())) text += "; did you mean " + *meant + "?";
    problems.error(key.str(), std::move(text));
    return;
  }
  std::optional<std::string> text = value_text(node);
  if (!text) {
    problems.error(setting->name, "not a text, a whole number, true, false or a list of these (" +
                                      place(file, line) + ")");
    return;
  }
  const auto [entry, is_new] =
      file.entries.try_emplace(std::string(setting->name), SettingsFile::Entry{*text, line});
  if (!is_new) {
    problems.error(setting->name, "stands twice in " + file.path + ", in lines " +
                                      std::to_string(entry->second.line) + " and " +
                                      std::to_string(line));
  }
}

}  // namespace

SettingsFile parse_settings_file(std::string_view text, std::string path,
                                 SettingProblems& problems) {
  SettingsFile file;
  file.path = std::move(path);
  // toml++ 3.2 reaches __builtin_unreachable where it expects white space and finds such a letter.
  if (const auto line = find_unquoted_line(text)) {
    problems.error("pacs-lite.toml",
                   "letters beyond ASCII must stand in quotes (" + place(file, *line) + ")");
    return file;
  }
  const toml::parse_result parsed = toml::parse(text, file.path);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    problems.error("pacs-lite.toml", std::string(error.description()) + " (" +
                                         place(file, static_cast<int>(error.source().begin.line)) +
                                         ")");
    return file;
  }
  for (const auto& [key, node] : parsed.table()) take_entry(file, key, node, problems);
  return file;
}

SettingsFile load_settings_file(const std::string& path, SettingProblems& problems) {
  SettingsFile none;
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IWOTH) != 0) {
    problems.error("pacs-lite.toml",
                   path + " may be written by anybody, so it is not used; run: chmod o-w " + path);
    return none;
  }
  Result<std::string> text = read_file(path, kSettingsFileBytesMax);
  if (!text) {
    problems.error("pacs-lite.toml", path + " cannot be read: " + text.error().detail);
    return none;
  }
  return parse_settings_file(*text, std::filesystem::absolute(path).lexically_normal().string(),
                             problems);
}

}  // namespace pacs
