// What a backup says of itself: backup.json, written last. A folder without one holds no whole
// backup yet. docs/design/backup.md describes the format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"

namespace pacs::cli {

struct BackedUpFile {
  std::string name;  // within its folder of the backup
  uint64_t size_bytes = 0;
  Sha256Digest sha256;
};

struct BackupManifest {
  static constexpr int64_t kFormat = 1;

  std::string archive_id;
  std::string program_version;
  int64_t schema_version = 0;
  std::string store;        // the one of the settings then; rows may name others
  UnixMillis taken_at = 0;  // what was acknowledged before is in it
  UnixMillis finished_at = 0;
  uint64_t images = 0;         // rows, with those in the trash
  uint64_t size_bytes = 0;     // theirs
  uint64_t faulty_images = 0;  // of them not in this backup, or not as this run wanted them
  BackedUpFile index;
  std::vector<BackedUpFile> secrets;

  [[nodiscard]] std::string to_json() const;
  // `unsupported` (reason "newer_backup") for a format of a later version; `corrupt`
  // ("bad_backup_manifest") for anything that to_json() cannot have written.
  [[nodiscard]] static Result<BackupManifest> parse(std::string_view json);
};

}  // namespace pacs::cli
