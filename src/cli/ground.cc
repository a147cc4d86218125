#include "cli/ground.h"

#include <unistd.h>

#include "cli/primary_store.h"

namespace pacs::cli {
namespace {

// What is there is a part of an archive, and may not be taken for one.
Result<void> check_no_restore(const DataPaths& paths) {
  if (::access(paths.restore_marker.c_str(), F_OK) != 0) return {};
  return conflict("restore_unfinished",
                  "a restore from a backup was begun in the data folder and not finished: run "
                  "`pacs-lite restore --from FOLDER` again, which goes on where it was cut");
}

Result<std::unique_ptr<index::Database>> open_index(const DataPaths& paths, const Clock& clock) {
  index::DatabaseOptions options;
  options.started_at = clock.now();
  return index::Database::open(paths.index, options);
}

}  // namespace

Result<std::unique_ptr<Ground>> Ground::open(const Settings& settings) {
  auto ground = std::make_unique<Ground>(PACS_TRY(DataFolder::open(settings.data_folder)));
  PACS_TRY(check_no_restore(ground->folder.paths()));
  ground->stores = std::make_unique<archive::Stores>(
      PACS_TRY(open_primary_store(settings, ground->credentials, ground->clock, ground->random)));
  ground->database = PACS_TRY(open_index(ground->folder.paths(), ground->clock));
  return ground;
}

}  // namespace pacs::cli
