#include "cli/other_stores.h"

#include <utility>

#include "cli/primary_store.h"

namespace pacs::cli {

Result<std::unique_ptr<storage::BlobStore>> OtherStores::open(std::string_view name) {
  const Settings settings = PACS_TRY(program_.with_storage(name));
  std::unique_ptr<storage::AwsCredentialSource> credentials;
  auto store = PACS_TRY(open_store(settings, name, credentials, clock_, random_));
  if (credentials != nullptr) credentials_.push_back(std::move(credentials));
  return store;
}

Result<std::unique_ptr<storage::BlobStore>> OtherStores::open(std::string_view name,
                                                              const ArchiveId& archive_id) {
  auto store = open(name);
  if (!store) return unavailable(store.error().reason, store.error().detail);
  const auto stored = PACS_TRY((*store)->read_archive_id());
  const auto known = PACS_TRY(archive_id());
  if (known && stored == known) return store;
  return unavailable("store_of_another", "images lie in the store \"" + std::string(name) +
                                             "\", and what the settings name as that is not of "
                                             "this archive: is its disk mounted?");
}

}  // namespace pacs::cli
