// The files of the OHIF viewer, as tools/viewer.sh prepares them: looked up in a folder that may be
// absent, and may be filled while the server runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/file.h"
#include "core/result.h"

namespace pacs::rest {

struct BundleFile {
  UniqueFd descriptor;
  uint64_t size_bytes = 0;
  std::string content_type;
  std::string etag;            // of these bytes, packed or not, with its quotes
  bool is_packed = false;      // gzip
  bool is_script = false;      // runs in the page or as a worker, under a policy of its own
  bool never_changes = false;  // has the hash of its content in its name
};

// Any thread.
class ViewerBundle {
 public:
  // `folder` empty: there is none.
  explicit ViewerBundle(std::string folder) : folder_(std::move(folder)) {}

  // Of all pages, with its addresses below `prefix` ("" or "/pacs"). not_found when the viewer was
  // not built.
  [[nodiscard]] Result<std::string> page(std::string_view prefix) const;

  // "assets/favicon.ico". Nothing for what is no file of the viewer, in particular for names that
  // lead out of the folder. `accepts_gzip`: the packed variant where there is one.
  [[nodiscard]] std::optional<BundleFile> find(std::string_view name, bool accepts_gzip) const;

  // Does this name look like a file's rather than like a page of the viewer?
  [[nodiscard]] static bool is_file_name(std::string_view name);

 private:
  std::string folder_;
};

}  // namespace pacs::rest
