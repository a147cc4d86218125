// Blobs as plain files under MEDIA_ROOT, in the layout of their keys, so that any tool, and a
// Django process of the same group, reads them as they are. Our own files stand in .pacs-lite/
// beside radiology/ (docs/design/keys.md).
//
// A blob is staged without a name on the same filesystem, so that a kill leaves nothing; one fsync
// covers bytes, mode and attributes; then the name is made, which never overwrites, and every
// folder whose entry this process has not itself synced is synced up to the root.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "storage/blob_store.h"

namespace pacs::storage {

struct FilesystemOptions {
  std::string root;           // MEDIA_ROOT; made when missing, its parent must be there
  unsigned file_mode = 0440;  // FILE_UPLOAD_PERMISSIONS
  unsigned folder_mode =
      02750;  // FILE_UPLOAD_DIRECTORY_PERMISSIONS; set-group-id passes the group on

  // How attributes are kept. `files_only` is for a filesystem whose extended attributes get lost on
  // the way to the backup, and for tests.
  enum class Attributes { extended_else_files, files_only } attributes = {};
};

// Makes root and .pacs-lite/ where they are missing, durably, and probes what the kernel offers.
// `invalid_argument` (reason "bad_media_root") when root is no folder, "bad_permissions" for modes
// by which we could not read ourselves; `unsupported` (reason "newer_layout") for a layout of a
// later version; "no_unnamed_files" where the filesystem has no O_TMPFILE; `permission_denied`.
[[nodiscard]] Result<std::unique_ptr<BlobStore>> open_filesystem_blob_store(
    const FilesystemOptions& options);

}  // namespace pacs::storage
