#include "cli/viewer_folder.h"

#include <filesystem>
#include <system_error>

namespace pacs::cli {

std::string viewer_folder(const Settings& settings) {
  if (!settings.viewer.folder.empty()) return settings.viewer.folder;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const auto bin = program.parent_path();
  const auto installed = bin.parent_path() / "share/pacs-lite/viewer";
  // build/<preset>/src/cli/pacs-lite
  const auto built = bin.parent_path().parent_path().parent_path() / "viewer";
  const bool is_built = !std::filesystem::exists(installed / "index.html", error) &&
                        std::filesystem::exists(built / "made-of", error);
  return (is_built ? built : installed).string();
}

}  // namespace pacs::cli
