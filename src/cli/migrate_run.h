// Moving an archive to another backend: the copies beside a running server, and the cut-over by who
// owns the data folder (docs/adr/0010).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "archive/store_migration.h"
#include "cli/data_folder.h"
#include "cli/program_settings.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "index/store_copies.h"

namespace pacs::cli {

struct MigrateOrder {
  std::string target;  // "filesystem", "s3", "minio", or name_of_bucket()
  size_t threads = 8;
  uint64_t bytes_per_second_max = 0;  // 0: as fast as it goes
  bool compares_all = false;
  // One call at a time, any thread.
  std::function<void(const archive::ImageCopyFinding&)> on_finding;
  std::function<void(const index::StoreCopies::Totals&)> on_begin;
  std::function<void(const archive::MigrationCounts&)> on_progress;
};

struct MigrateOutcome {
  archive::MigrationCounts counts;
  index::StoreCopies::Totals totals;  // at the end
};

// Success: what archive::migrate_images() says, and all that was stored while it ran. Failure:
// what is verified stays, and another run goes on from there. The images stay where they are either
// way. Errors:
//   invalid_argument/store_settings   the settings of the target are missing or wrong
//   invalid_argument/own_bucket       it is the bucket of the settings
//   unavailable/migrate_running       another one moves images of this archive
//   conflict/other_archive_id         the target belongs to another archive
//   not_found/no_index, unsupported/schema_older, conflict/restore_unfinished
//   and those of the stores
[[nodiscard]] Result<MigrateOutcome> copy_to_store(const ProgramSettings& program,
                                                   const MigrateOrder& order);

// Success: reads go to the target from the next start of the server on, and its tombstones are
// those of the index; tells how many rows changed. Failure: rows are unchanged. Errors:
//   unavailable/data_folder_in_use   a server runs
//   invalid_argument/own_bucket      as above: the settings name the former bucket yet
//   conflict/copies_missing          images lack a verified copy
//   conflict/name_taken              rows mean another store by what the target is to be called
//   conflict/store_of_another        the settings name another store than the one with the copies
//   and those of the stores
[[nodiscard]] Result<int64_t> cut_over(const ProgramSettings& program, const std::string& target);

}  // namespace pacs::cli
