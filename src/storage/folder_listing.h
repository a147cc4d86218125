// The names in an open folder, in the order that keys have.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"

namespace pacs::storage {

struct FolderEntry {
  enum class Kind { file, folder, symbolic_link, other };

  std::string name;
  Kind kind = Kind::other;
};

// All entries but "." and "..", sorted as their paths are: a folder counts as its name and "/", so
// that "1.2.3/…" comes before "1.2/…". Neither follows links nor moves the
// descriptor.
[[nodiscard]] Result<std::vector<FolderEntry>> list_folder(int folder);

}  // namespace pacs::storage
