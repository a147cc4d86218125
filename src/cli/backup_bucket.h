// A backup in a bucket of its own: the images as in the bucket of an archive, and the rest below
// .pacs-lite/backup/ (docs/design/backup.md).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cli/backup_place.h"
#include "core/crypto.h"
#include "core/file.h"
#include "core/settings.h"
#include "storage/aws_credential_source.h"
#include "storage/s3_files.h"

namespace pacs::cli {

class BackupBucket final : public BackupPlace {
 public:
  // To write a backup of the archive. `clock` outlives it. Errors, after which nothing has changed:
  // `conflict` (reason "not_a_backup") for a bucket that holds something else, "other_backup";
  // `unavailable` ("backup_running") while another backup of this archive is written to a bucket;
  // "no_such_bucket".
  [[nodiscard]] static Result<std::unique_ptr<BackupPlace>> open_to_write(
      const Settings& bucket, const std::string& archive_id, const Clock& clock);
  // To read one; changes nothing. "no_such_bucket".
  [[nodiscard]] static Result<std::unique_ptr<BackupPlace>> open_to_read(const Settings& bucket,
                                                                         const Clock& clock);
  ~BackupBucket() override;

  [[nodiscard]] std::string title() const override { return "the bucket " + bucket_.s3.bucket; }
  [[nodiscard]] Result<std::optional<BackupManifest>> find_manifest() const override;
  [[nodiscard]] Result<void> write_manifest(const BackupManifest& manifest) override;
  [[nodiscard]] Result<std::unique_ptr<storage::BlobStore>> open_images() override;
  // In the data folder, for as long as this lives.
  [[nodiscard]] std::string local_index(const std::string& name) const override;
  [[nodiscard]] Result<FileDigest> keep_index(const std::string& name) override;
  [[nodiscard]] Result<void> remove_other_indexes(const std::string& kept) override;
  [[nodiscard]] Result<FileDigest> keep_secret(const std::string& name,
                                               const std::string& from) override;
  [[nodiscard]] Result<FileDigest> digest_of_index(const std::string& name) override;
  [[nodiscard]] Result<FileDigest> digest_of_secret(const std::string& name) override;
  [[nodiscard]] Result<FileDigest> fetch_index(const std::string& name,
                                               const std::string& to) override;
  [[nodiscard]] Result<FileDigest> fetch_secret(const std::string& name,
                                                const std::string& to) override;

 private:
  BackupBucket(Settings bucket, const Clock& clock);
  [[nodiscard]] static Result<std::unique_ptr<BackupBucket>> open(const Settings& bucket,
                                                                  const Clock& clock);
  [[nodiscard]] Result<void> check_is_backup_of(const std::string& archive_id);
  [[nodiscard]] Result<FileDigest> put_file(const std::string& name, const std::string& from);

  const Settings bucket_;
  const Clock& clock_;
  SystemRandom random_;
  const std::unique_ptr<storage::AwsCredentialSource> credentials_;
  std::unique_ptr<storage::S3Files> files_;
  UniqueFd lock_;  // none to read
};

}  // namespace pacs::cli
