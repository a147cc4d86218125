// One backup from beginning to end, beside a server that may be running: the index first, then what
// it names, the manifest last.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "archive/image_copies.h"
#include "cli/backup_folder.h"
#include "cli/copy_report.h"
#include "cli/data_folder.h"
#include "cli/primary_store.h"
#include "core/clock.h"
#include "core/result.h"
#include "core/settings.h"
#include "index/stored_images.h"
#include "storage/blob_store.h"

namespace pacs::cli {

struct BackupOrder {
  std::string folder;                 // absolute
  uint64_t bytes_per_second_max = 0;  // 0: as fast as it goes
  bool rereads_copies = false;        // hashes what the folder has already, too
  bool prunes = false;                // removes copies of images that are gone for good
};

struct BackupOutcome {
  BackupManifest manifest;
  archive::ImageCopyCounts counts;
  uint64_t pruned = 0;
  bool was_pruned = false;
};

class BackupRun {
 public:
  // All outlive it.
  BackupRun(const Settings& settings, const BackupOrder& order, const Clock& clock,
            CopyReport& report)
      : settings_(settings),
        paths_(settings.data_folder),
        order_(order),
        clock_(clock),
        report_(report) {}

  // Success: the folder holds the archive as it was at `manifest.taken_at`, on stable storage, but
  // for the images in the report's findings; a backup before it has given its place to this one.
  // Failure: the folder holds the backup that it held before, and what was copied by now, from
  // which another run goes on. The archive is unchanged either way. Errors:
  //   invalid_argument/backup_inside        the folder, the data folder and MEDIA_ROOT overlap
  //   conflict/not_a_backup, conflict/other_backup, unavailable/backup_running
  //   not_found/no_index, unsupported/schema_older, conflict/store_of_another
  //   conflict/restore_unfinished
  //   and those of the disks
  [[nodiscard]] Result<BackupOutcome> run();

 private:
  [[nodiscard]] Result<void> check_places() const;
  [[nodiscard]] Result<std::unique_ptr<PrimaryStore>> open_source(
      const std::string& archive_id) const;
  [[nodiscard]] Result<std::unique_ptr<storage::BlobStore>> open_target(
      const BackupFolder& folder, const std::string& archive_id) const;
  // The index and all that it names, as of one moment.
  [[nodiscard]] Result<void> copy_all(const BackupFolder& folder, storage::BlobStore& from,
                                      storage::BlobStore& to);
  [[nodiscard]] Result<void> copy_secrets(const BackupFolder& folder);
  [[nodiscard]] Result<void> prune(const BackupFolder& folder, storage::BlobStore& images);

  const Settings& settings_;
  const DataPaths paths_;
  const BackupOrder& order_;
  const Clock& clock_;
  CopyReport& report_;
  std::unique_ptr<index::StoredImages> live_;
  BackupOutcome outcome_;
};

}  // namespace pacs::cli
