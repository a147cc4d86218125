// Our own folders beside radiology/: .pacs-lite/ with staging, quarantine, tombstones, attributes,
// the version of the layout and the archive's id (docs/design/keys.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/file.h"
#include "core/result.h"

namespace pacs::storage {

struct FilesystemLayout {
  static constexpr uint64_t kVersion = 1;

  UniqueFd root;
  UniqueFd own;  // .pacs-lite
  UniqueFd staging;
  UniqueFd quarantine;
  UniqueFd tombstones;
};

// Makes what is missing, durably; `folder_mode` is for the root. Errors:
// open_filesystem_blob_store.
[[nodiscard]] Result<FilesystemLayout> open_layout(const std::string& root, unsigned folder_mode);

// The id is a line of the file "archive-id". As BlobStore says.
[[nodiscard]] Result<std::optional<std::string>> read_archive_id(int own_folder);
[[nodiscard]] Result<void> write_archive_id(int own_folder, std::string_view archive_id);

}  // namespace pacs::storage
