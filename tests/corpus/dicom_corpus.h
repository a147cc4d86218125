// The folder of real DICOM files and the lines of its manifest.tsv.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pacs::testing {

struct CorpusFile {
  std::string name;  // the path within the folder
  std::string path;
  std::map<std::string, std::string> columns;

  [[nodiscard]] bool is_valid() const { return name.starts_with("valid/"); }
  [[nodiscard]] const std::string& column(const std::string& title) const;
};

// Nothing when the folder is not there.
[[nodiscard]] std::optional<std::vector<CorpusFile>> read_corpus();

// What to tell when there is none.
inline constexpr const char* kNoCorpus =
    "no DICOM corpus: set PACS_LITE_DICOM_CORPUS to a folder with manifest.tsv";

}  // namespace pacs::testing
