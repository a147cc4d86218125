// pacs-lite.toml: the same names as in the environment, upper or lower case, in one flat table.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/setting_problems.h"

namespace pacs {

struct SettingsFile {
  struct Entry {
    // As one would write it in the environment: an array is its members with commas between them, a
    // table is JSON, an octal number keeps its 0o.
    std::string text;
    int line = 0;
  };

  std::string path;                                   // empty: no file was read
  std::map<std::string, Entry, std::less<>> entries;  // by the name in the catalogue
};

// Settings hold keys and lists of proxies, never data: more than this is the wrong file.
inline constexpr size_t kSettingsFileBytesMax = 1024 * 1024;

// What cannot be parsed, unknown names (with the nearest right one), names given twice and values
// of a wrong shape become problems; everything else is returned.
[[nodiscard]] SettingsFile parse_settings_file(std::string_view text, std::string path,
                                               SettingProblems& problems);

// The same from the disk. A file that is missing, too large, or that anybody may write is a
// problem, and nothing of it is used.
[[nodiscard]] SettingsFile load_settings_file(const std::string& path, SettingProblems& problems);

}  // namespace pacs
