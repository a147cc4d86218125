#include "cli/ground.h"

#include "cli/archive_identity.h"
#include "cli/bucket_settings.h"
#include "cli/primary_store.h"
#include "index/archive_state.h"

namespace pacs::cli {
namespace {

Result<std::unique_ptr<index::Database>> open_index(const DataPaths& paths, const Clock& clock) {
  index::DatabaseOptions options;
  options.started_at = clock.now();
  return index::Database::open(paths.index, options);
}

}  // namespace

Result<std::unique_ptr<Ground>> Ground::open(const ProgramSettings& program) {
  const Settings& settings = program.as_read();
  DataFolder folder = PACS_TRY(DataFolder::open(settings.data_folder));
  auto ground = std::make_unique<Ground>(std::move(folder), program);
  PACS_TRY(check_no_restore(ground->folder.paths()));
  ground->stores = std::make_unique<archive::Stores>(PACS_TRY(open_store(
      settings, to_string(settings.storage), ground->credentials, ground->clock, ground->random)));
  ground->database = PACS_TRY(open_index(ground->folder.paths(), ground->clock));
  PACS_TRY(
      check_is_not_elsewhere(index::ArchiveState(*ground->database), name_of_bucket(settings)));
  ground->stores->open_others_with([&ground = *ground](std::string_view name) {
    return ground.others.open(name, [&ground] {
      return index::ArchiveState(*ground.database).find(index::ArchiveState::kArchiveId);
    });
  });
  return ground;
}

}  // namespace pacs::cli
