// What `check` found: each with what to do about it.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pacs::cli {

struct Finding {
  enum class Severity { ok, skipped, warning, error };
  Severity severity = Severity::ok;
  std::string subject;  // "data folder"
  std::string text;
  std::string remedy;  // empty where there is nothing to mend
};

class Findings {
 public:
  void ok(std::string subject, std::string text) {
    all_.push_back({Finding::Severity::ok, std::move(subject), std::move(text), {}});
  }
  void skipped(std::string subject, std::string why, std::string remedy = {}) {
    all_.push_back(
        {Finding::Severity::skipped, std::move(subject), std::move(why), std::move(remedy)});
  }
  void warning(std::string subject, std::string text, std::string remedy) {
    all_.push_back(
        {Finding::Severity::warning, std::move(subject), std::move(text), std::move(remedy)});
  }
  void error(std::string subject, std::string text, std::string remedy) {
    all_.push_back(
        {Finding::Severity::error, std::move(subject), std::move(text), std::move(remedy)});
  }

  [[nodiscard]] const std::vector<Finding>& all() const { return all_; }
  [[nodiscard]] size_t count(Finding::Severity severity) const {
    size_t found = 0;
    for (const Finding& finding : all_) found += finding.severity == severity ? 1 : 0;
    return found;
  }

 private:
  std::vector<Finding> all_;
};

}  // namespace pacs::cli
