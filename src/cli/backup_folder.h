// A backup in a folder, as plain files throughout, so that any tool may carry it on
// (docs/design/backup.md). Who writes holds backup.lock.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/backup_place.h"
#include "core/file.h"

namespace pacs::cli {

class BackupFolder final : public BackupPlace {
 public:
  // To write a backup. Makes the folder where it is missing (its parent must be there), mode 0700.
  // Errors, after which nothing has changed: `conflict` (reason "not_a_backup") for a folder that
  // holds something else; `unavailable` ("backup_running") while another backup writes to it.
  [[nodiscard]] static Result<std::unique_ptr<BackupPlace>> open_to_write(const std::string& path);
  // To read one; changes nothing.
  [[nodiscard]] static std::unique_ptr<BackupPlace> open_to_read(const std::string& path);

  [[nodiscard]] std::string title() const override { return "the folder " + path_; }
  [[nodiscard]] Result<std::optional<BackupManifest>> find_manifest() const override;
  [[nodiscard]] Result<void> write_manifest(const BackupManifest& manifest) override;
  // Attributes are in files of their own, which every tool copies along.
  [[nodiscard]] Result<std::unique_ptr<storage::BlobStore>> open_images() override;
  // In its place at once.
  [[nodiscard]] std::string local_index(const std::string& name) const override {
    return path_ + "/" + name;
  }
  [[nodiscard]] Result<FileDigest> keep_index(const std::string& name) override {
    return digest_of_index(name);
  }
  [[nodiscard]] Result<void> remove_other_indexes(const std::string& kept) override;
  [[nodiscard]] Result<FileDigest> keep_secret(const std::string& name,
                                               const std::string& from) override;
  [[nodiscard]] Result<FileDigest> digest_of_index(const std::string& name) override {
    return digest_of_file(local_index(name));
  }
  [[nodiscard]] Result<FileDigest> digest_of_secret(const std::string& name) override {
    return digest_of_file(secret_path(name));
  }
  [[nodiscard]] Result<FileDigest> fetch_index(const std::string& name,
                                               const std::string& to) override;
  [[nodiscard]] Result<FileDigest> fetch_secret(const std::string& name,
                                                const std::string& to) override;

 private:
  BackupFolder(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  [[nodiscard]] std::string secret_path(const std::string& name) const {
    return path_ + "/secrets/" + name;
  }

  const std::string path_;
  const UniqueFd lock_;  // none to read
};

}  // namespace pacs::cli
