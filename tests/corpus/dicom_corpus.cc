#include "tests/corpus/dicom_corpus.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/text.h"

namespace pacs::testing {

const std::string& CorpusFile::column(const std::string& title) const {
  static const std::string kEmpty;
  const auto found = columns.find(title);
  return found == columns.end() ? kEmpty : found->second;
}

std::optional<std::vector<CorpusFile>> read_corpus() {
  const char* configured = std::getenv("PACS_LITE_DICOM_CORPUS");
  const std::filesystem::path folder =
      configured != nullptr ? configured : PACS_LITE_SOURCE_DIR "/../shared/dicom";
  std::ifstream manifest(folder / "manifest.tsv");
  if (!manifest) return std::nullopt;
  std::string line;
  std::getline(manifest, line);
  std::vector<std::string> titles;
  for (const std::string_view title : split(line, '\t')) titles.emplace_back(title);
  std::vector<CorpusFile> files;
  while (std::getline(manifest, line)) {
    CorpusFile file;
    const auto values = split(line, '\t');
    for (size_t i = 0; i < std::min(values.size(), titles.size()); ++i) {
      file.columns[titles[i]] = values[i];
    }
    file.name = file.columns["path"];
    file.path = (folder / file.name).string();
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace pacs::testing
