#include "cli/ground.h"

#include "storage/filesystem_blob_store.h"

namespace pacs::cli {
namespace {

Result<std::unique_ptr<storage::BlobStore>> open_primary_store(const Settings& settings) {
  switch (settings.storage) {
    case StorageBackend::filesystem: {
      storage::FilesystemOptions options;
      options.root = settings.media.root;
      options.file_mode = settings.media.file_mode;
      options.folder_mode = settings.media.folder_mode;
      return storage::open_filesystem_blob_store(options);
    }
    case StorageBackend::s3:
    case StorageBackend::minio:
      break;
  }
  return invalid_argument("no_such_backend", "this version stores on the filesystem only");
}

Result<std::unique_ptr<index::Database>> open_index(const DataPaths& paths, const Clock& clock) {
  index::DatabaseOptions options;
  options.started_at = clock.now();
  return index::Database::open(paths.index, options);
}

}  // namespace

Result<std::unique_ptr<Ground>> Ground::open(const Settings& settings) {
  auto ground = std::make_unique<Ground>(PACS_TRY(DataFolder::open(settings.data_folder)));
  ground->stores = std::make_unique<archive::Stores>(PACS_TRY(open_primary_store(settings)));
  ground->database = PACS_TRY(open_index(ground->folder.paths(), ground->clock));
  return ground;
}

}  // namespace pacs::cli
