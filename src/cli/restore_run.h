// An archive from its backup: into an empty data folder and an empty MEDIA_ROOT, or into those that
// the same restore was cut in.
#pragma once

#include <string>
#include <vector>

#include "archive/image_copies.h"
#include "cli/backup_place.h"
#include "cli/copy_report.h"
#include "cli/data_folder.h"
#include "core/clock.h"
#include "core/result.h"
#include "core/settings.h"

namespace pacs::cli {

struct RestoreOutcome {
  BackupManifest manifest;
  archive::ImageCopyCounts counts;
  std::vector<std::string> damaged_secrets;  // not restored: the server makes new ones
};

class RestoreRun {
 public:
  // All outlive it.
  RestoreRun(const Settings& settings, BackupPlace& backup, const Clock& clock, CopyReport& report)
      : settings_(settings),
        paths_(settings.data_folder),
        backup_(backup),
        clock_(clock),
        report_(report) {}

  // Success: the archive is as it was when the backup was taken, on stable storage, but for the
  // images in the report's findings, whose rows are there; all of it in the store of the settings,
  // wherever it lay before. Nothing is owned any more, so that a server can start. What was removed
  // is removed, and no number is given again.
  // Failure: no server starts on what is there, and another run goes on from there. Errors after
  // which nothing has changed:
  //   not_found/no_backup, corrupt/bad_backup_manifest, unsupported/newer_backup
  //   corrupt/backup_index_damaged     the copy of the index is not what the manifest says
  //   conflict/place_not_empty         there is something in the data folder, in MEDIA_ROOT, or in
  //                                    the bucket of the settings
  //   unavailable/data_folder_in_use   a server runs on the data folder
  [[nodiscard]] Result<RestoreOutcome> run();

 private:
  [[nodiscard]] Result<void> check_backup() const;
  [[nodiscard]] Result<void> check_place() const;
  [[nodiscard]] Result<void> check_bucket() const;
  [[nodiscard]] bool was_begun_here() const;
  [[nodiscard]] std::string marker_text() const;
  [[nodiscard]] Result<void> put_index_in_place() const;
  [[nodiscard]] Result<void> prepare_index() const;
  [[nodiscard]] Result<void> copy_secrets();
  [[nodiscard]] Result<void> copy_images();
  [[nodiscard]] Result<void> remove_marker() const;

  const Settings& settings_;
  const DataPaths paths_;
  BackupPlace& backup_;
  const Clock& clock_;
  CopyReport& report_;
  RestoreOutcome outcome_;
};

}  // namespace pacs::cli
