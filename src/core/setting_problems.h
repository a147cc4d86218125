// What is wrong with the settings, gathered so that an operator sees all of it at once.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace pacs {

struct SettingProblem {
  enum class Severity { warning, error };
  Severity severity = Severity::error;
  std::string name;  // of the setting
  std::string text;  // one line: what is wrong, where it came from, what would be right
};

class SettingProblems {
 public:
  void error(std::string_view name, std::string text) {
    all_.push_back({SettingProblem::Severity::error, std::string(name), std::move(text)});
  }
  void warning(std::string_view name, std::string text) {
    all_.push_back({SettingProblem::Severity::warning, std::string(name), std::move(text)});
  }
  [[nodiscard]] const std::vector<SettingProblem>& all() const { return all_; }
  [[nodiscard]] bool has_errors() const {
    return std::any_of(all_.begin(), all_.end(), [](const SettingProblem& problem) {
      return problem.severity == SettingProblem::Severity::error;
    });
  }

 private:
  std::vector<SettingProblem> all_;
};

}  // namespace pacs
