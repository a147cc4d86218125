#include "archive/stores.h"

#include <string>

namespace pacs::archive {

Stores::Stores(std::unique_ptr<storage::BlobStore> primary) { add(std::move(primary)); }

void Stores::add(std::unique_ptr<storage::BlobStore> store) { stores_.push_back(std::move(store)); }

Result<storage::BlobStore*> Stores::find(std::string_view name) const {
  for (const auto& store : stores_) {
    if (store->name() == name) return store.get();
  }
  return unavailable("store_missing", "the image lies in the store \"" + std::string(name) +
                                          "\", which this server is not configured for");
}

}  // namespace pacs::archive
