// Where a backup lies: a folder, or a bucket. docs/design/backup.md says what is in it; names of
// files are those of that page.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/backup_manifest.h"
#include "cli/checked_copy.h"
#include "core/clock.h"
#include "core/result.h"
#include "storage/blob_store.h"

namespace pacs::cli {

// One thread at a time. Errors besides those it names: those of the disk, or of the object store.
class BackupPlace {
 public:
  virtual ~BackupPlace() = default;

  // "the folder /mnt/backup": for messages.
  [[nodiscard]] virtual std::string title() const = 0;

  // Nothing when no backup was ever finished here; errors of BackupManifest::parse.
  [[nodiscard]] virtual Result<std::optional<BackupManifest>> find_manifest() const = 0;
  // Durably, in place of the one before.
  [[nodiscard]] virtual Result<void> write_manifest(const BackupManifest& manifest) = 0;

  // The images; there until this ends.
  [[nodiscard]] virtual Result<std::unique_ptr<storage::BlobStore>> open_images() = 0;

  // The path on this machine to which the copy of the index named so is to be written, and from
  // which it can be read until this ends.
  [[nodiscard]] virtual std::string local_index(const std::string& name) const = 0;
  // Success: what was written there is in the backup, durably.
  [[nodiscard]] virtual Result<FileDigest> keep_index(const std::string& name) = 0;
  // Removes copies of the index, whole or not, but for the one named.
  [[nodiscard]] virtual Result<void> remove_other_indexes(const std::string& kept) = 0;

  // A small file, durably. `not_found` when there is no `from`.
  [[nodiscard]] virtual Result<FileDigest> keep_secret(const std::string& name,
                                                       const std::string& from) = 0;

  // Of an index or a secret, to read it back. `not_found`.
  [[nodiscard]] virtual Result<FileDigest> digest_of_index(const std::string& name) = 0;
  [[nodiscard]] virtual Result<FileDigest> digest_of_secret(const std::string& name) = 0;
  // Success: `to` has it, durably, mode 0600.
  [[nodiscard]] virtual Result<FileDigest> fetch_index(const std::string& name,
                                                       const std::string& to) = 0;
  [[nodiscard]] virtual Result<FileDigest> fetch_secret(const std::string& name,
                                                        const std::string& to) = 0;
};

// "index-20261123T021500123Z.db": another one for each millisecond.
[[nodiscard]] std::string backup_index_name(UnixMillis taken_at);
[[nodiscard]] bool is_backup_index(std::string_view name);

}  // namespace pacs::cli
