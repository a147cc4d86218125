#include "cli/primary_store.h"

#include "cli/object_store.h"
#include "storage/filesystem_blob_store.h"

namespace pacs::cli {

Result<std::unique_ptr<storage::BlobStore>> open_store(
    const Settings& settings, std::string_view name,
    std::unique_ptr<storage::AwsCredentialSource>& credentials, const Clock& clock,
    Random& random) {
  if (uses_object_store(settings)) {
    credentials = make_credentials(settings, clock);
    return open_object_store(settings, name, *credentials, clock, random);
  }
  storage::FilesystemOptions options;
  options.root = settings.media.root;
  options.file_mode = settings.media.file_mode;
  options.folder_mode = settings.media.folder_mode;
  return storage::open_filesystem_blob_store(options);
}

Result<std::unique_ptr<PrimaryStore>> PrimaryStore::open(const Settings& settings) {
  auto store = std::make_unique<PrimaryStore>();
  store->blobs = PACS_TRY(open_store(settings, to_string(settings.storage), store->credentials,
                                     store->clock, store->random));
  return store;
}

}  // namespace pacs::cli
