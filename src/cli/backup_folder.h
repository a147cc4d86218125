// A folder with a backup in it (docs/design/backup.md):
//   backup.json             the manifest, written last
//   index-{time}.db         the copy of the index that the manifest names
//   secrets/                keys of the data folder
//   media/                  the images as under MEDIA_ROOT, attributes and tombstones in .pacs-lite
//   backup.lock             held by who writes
// Plain files throughout, so that any tool may carry a backup on.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/backup_manifest.h"
#include "core/file.h"
#include "core/result.h"
#include "storage/blob_store.h"

namespace pacs::cli {

class BackupFolder {
 public:
  // To write a backup. Makes the folder where it is missing (its parent must be there), mode 0700.
  // Errors, after which nothing has changed: `conflict` (reason "not_a_backup") for a folder that
  // holds something else; `unavailable` ("backup_running") while another backup writes to it.
  [[nodiscard]] static Result<BackupFolder> open_to_write(const std::string& path);
  // To read one; changes nothing. `not_found` (reason "no_backup") where there is no whole one.
  [[nodiscard]] static Result<BackupFolder> open_to_read(const std::string& path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string index_path(const std::string& name) const { return path_ + "/" + name; }
  [[nodiscard]] std::string secret_path(const std::string& name) const {
    return path_ + "/secrets/" + name;
  }

  // Nothing when no backup was ever finished here; those of BackupManifest::parse.
  [[nodiscard]] Result<std::optional<BackupManifest>> find_manifest() const;
  // Durably, in place of the one before.
  [[nodiscard]] Result<void> write_manifest(const BackupManifest& manifest) const;

  // The images. Attributes are in files of their own, which every tool copies along.
  [[nodiscard]] Result<std::unique_ptr<storage::BlobStore>> open_images() const;

  // "index-20261123T021500123Z.db": another one for each millisecond.
  [[nodiscard]] static std::string index_name(UnixMillis taken_at);
  // Removes copies of the index, whole or not, but for the one named.
  [[nodiscard]] Result<void> remove_other_indexes(const std::string& kept) const;
  // Makes secrets/ where it is missing.
  [[nodiscard]] Result<void> make_secrets_folder() const;

 private:
  BackupFolder(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  UniqueFd lock_;  // none to read
};

}  // namespace pacs::cli
