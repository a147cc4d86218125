// Reads settings as the types that they are. A value that is none becomes a problem, and the
// default is returned so that reading goes on and every problem is found in one run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/setting_problems.h"
#include "core/setting_sources.h"

namespace pacs {

class SettingReader {
 public:
  // Both outlive the reader.
  SettingReader(const SettingSources& sources, SettingProblems& problems)
      : sources_(&sources), problems_(&problems) {}

  // Nothing when unset and without a default.
  [[nodiscard]] std::optional<std::string> find_text(std::string_view name);
  [[nodiscard]] std::string text(std::string_view name);  // empty when unset
  [[nodiscard]] bool boolean(std::string_view name);
  [[nodiscard]] uint64_t number(std::string_view name, uint64_t least, uint64_t most);
  [[nodiscard]] uint64_t byte_size(std::string_view name, uint64_t least, uint64_t most);
  [[nodiscard]] unsigned mode(std::string_view name);
  [[nodiscard]] std::vector<std::string> list(std::string_view name);
  // Absolute; relative ones begin at the folder of the settings file, or where we were started.
  // Nothing when unset.
  [[nodiscard]] std::optional<std::string> find_path(std::string_view name);

  // The same of a list.
  [[nodiscard]] std::vector<std::string> paths(std::string_view name);

  template <typename Enum>
  [[nodiscard]] Enum choice(std::string_view name,
                            const std::vector<std::pair<std::string, Enum>>& choices) {
    const SettingText found = get(name);
    for (const auto& [spelling, value] : choices) {
      if (found.text == spelling) return value;
    }
    std::vector<std::string> spellings;
    for (const auto& [spelling, value] : choices) spellings.push_back(spelling);
    refuse_choice(name, found, spellings);
    return choices.front().second;
  }

  // "PACS_LITE_LISTEN: 'x' (from the environment) …": a problem of a value that was read.
  void refuse(std::string_view name, std::string_view why);
  void warn(std::string_view name, std::string_view why);

  // What is shown by `config` when it is not what was read (a path made absolute, say).
  void show_as(std::string_view name, std::string text);

  [[nodiscard]] bool is_set(std::string_view name) const {
    return sources_->find(name).has_value();
  }
  // Every setting that was read, in the order of the catalogue.
  [[nodiscard]] std::vector<SettingInForce> in_force() const;
  [[nodiscard]] SettingProblems& problems() { return *problems_; }
  // Of pacs-lite.toml; empty when there is none.
  [[nodiscard]] const std::string& file_path() const { return sources_->file().path; }

 private:
  [[nodiscard]] SettingText get(std::string_view name);
  [[nodiscard]] std::string describe(std::string_view name) const;
  void refuse_choice(std::string_view name, const SettingText& found,
                     const std::vector<std::string>& spellings);

  const SettingSources* sources_;
  SettingProblems* problems_;
  std::vector<std::pair<std::string, std::string>> shown_;
};

}  // namespace pacs
