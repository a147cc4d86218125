#include "cli/ground.h"

#include "cli/primary_store.h"

namespace pacs::cli {
namespace {

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
