// One backup from beginning to end, beside a server that may be running: the index first, then what
// it names, from whichever store, the manifest last.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "archive/image_copies.h"
#include "archive/stores.h"
#include "cli/backup_place.h"
#include "cli/copy_report.h"
#include "cli/data_folder.h"
#include "cli/other_stores.h"
#include "cli/program_settings.h"
#include "core/clock.h"
#include "core/result.h"
#include "core/settings.h"
#include "index/stored_images.h"
#include "storage/blob_store.h"

namespace pacs::cli {

struct BackupOrder {
  std::string folder;                 // absolute; or
  std::string bucket_settings;        // the path of the settings of a bucket
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
  BackupRun(const ProgramSettings& program, const BackupOrder& order, const Clock& clock,
            CopyReport& report)
      : settings_(program.as_read()),
        paths_(settings_.data_folder),
        order_(order),
        clock_(clock),
        report_(report),
        others_(program, clock, random_) {}

  // Success: the place holds the archive as it was at `manifest.taken_at`, on stable storage, but
  // for the images in the report's findings; a backup before it has given its place to this one.
  // Failure: the place holds the backup that it held before, and what was copied by now, from
  // which another run goes on. The archive is unchanged either way. Errors:
  //   invalid_argument/backup_inside        the folder, the data folder and MEDIA_ROOT overlap
  //   invalid_argument/bucket_settings
  //   conflict/not_a_backup, conflict/other_backup, unavailable/backup_running
  //   not_found/no_index, unsupported/schema_older, conflict/store_of_another
  //   conflict/restore_unfinished
  //   and those of the disks and the object stores
  [[nodiscard]] Result<BackupOutcome> run();

 private:
  class Sources;
  [[nodiscard]] Result<std::unique_ptr<BackupPlace>> open_place(const std::string& archive_id);
  [[nodiscard]] Result<void> check_folder() const;
  [[nodiscard]] Result<std::unique_ptr<storage::BlobStore>> open_source(
      const std::string& archive_id);
  [[nodiscard]] Result<std::unique_ptr<storage::BlobStore>> open_target(
      BackupPlace& place, const std::string& archive_id) const;
  // The index and all that it names, as of one moment.
  [[nodiscard]] Result<void> copy_all(BackupPlace& place, Sources& sources, storage::BlobStore& to);
  [[nodiscard]] Result<void> copy_secrets(BackupPlace& place);
  [[nodiscard]] Result<void> prune(const BackupPlace& place, storage::BlobStore& images);
  [[nodiscard]] Error at_target(Error error) const;
  // What can fail there for want of room.
  template <typename T>
  [[nodiscard]] Result<T> at_target(Result<T> result) const {
    if (result) return result;
    return at_target(std::move(result).error());
  }

  const Settings& settings_;
  const DataPaths paths_;
  const BackupOrder& order_;
  const Clock& clock_;
  CopyReport& report_;
  SystemRandom random_;
  OtherStores others_;
  std::unique_ptr<index::StoredImages> live_;
  std::string room_;  // what can be full: in words
  BackupOutcome outcome_;
};

}  // namespace pacs::cli
