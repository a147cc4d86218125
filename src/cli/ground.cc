#include "cli/ground.h"

#include "cli/object_store.h"
#include "storage/filesystem_blob_store.h"

namespace pacs::cli {
namespace {

Result<std::unique_ptr<storage::BlobStore>> open_primary_store(const Settings& settings,
                                                               Ground& ground) {
  if (uses_object_store(settings)) {
    ground.credentials = make_credentials(settings, ground.clock);
    return open_object_store(settings, *ground.credentials, ground.clock, ground.random);
  }
  storage::FilesystemOptions options;
  options.root = settings.media.root;
  options.file_mode = settings.media.file_mode;
  options.folder_mode = settings.media.folder_mode;
  return storage::open_filesystem_blob_store(options);
}

Result<std::unique_ptr<index::Database>> open_index(const DataPaths& paths, const Clock& clock) {
  index::DatabaseOptions options;
  options.started_at = clock.now();
  return index::Database::open(paths.index, options);
}

}  // namespace

Result<std::unique_ptr<Ground>> Ground::open(const Settings& settings) {
  auto ground = std::make_unique<Ground>(PACS_TRY(DataFolder::open(settings.data_folder)));
  ground->stores =
      std::make_unique<archive::Stores>(PACS_TRY(open_primary_store(settings, *ground)));
  ground->database = PACS_TRY(open_index(ground->folder.paths(), ground->clock));
  return ground;
}

}  // namespace pacs::cli
