// What every way of running the program stands on: the data folder that it owns, the store, the
// index. Whose they are is settled by archive_identity.h before anything is changed.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "archive/stores.h"
#include "cli/data_folder.h"
#include "cli/other_stores.h"
#include "cli/program_settings.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/metrics.h"
#include "core/result.h"
#include "index/database.h"
#include "storage/aws_credential_source.h"

namespace pacs::cli {

// Members are built from the top and destroyed from the bottom.
struct Ground {
  // Success: the folder is locked, the store and the index are open. Errors: `unavailable` (reason
  // "data_folder_in_use"), `conflict` ("restore_unfinished") in a folder that a restore from a
  // backup has begun to fill, ("other_bucket") where rows mean another bucket than the settings,
  // those of the parts.
  [[nodiscard]] static Result<std::unique_ptr<Ground>> open(const ProgramSettings& program);

  Ground(DataFolder owned, ProgramSettings program)
      : folder(std::move(owned)), others(std::move(program), clock, random) {}

  DataFolder folder;
  SystemClock clock;
  SystemRandom random;
  Metrics metrics;
  std::unique_ptr<storage::AwsCredentialSource> credentials;  // none on the filesystem
  OtherStores others;
  std::unique_ptr<archive::Stores> stores;
  std::unique_ptr<index::Database> database;
};

}  // namespace pacs::cli
