#include "archive/stores.h"

#include <utility>

namespace pacs::archive {

Stores::Stores(std::unique_ptr<storage::BlobStore> primary) { add(std::move(primary)); }

void Stores::add(std::unique_ptr<storage::BlobStore> store) { stores_.push_back(std::move(store)); }

Result<storage::BlobStore*> Stores::find(std::string_view name) const {
  for (const auto& store : stores_) {
    if (store->name() == name) return store.get();
  }
  const std::lock_guard lock(mutex_);
  if (const auto opened = opened_.find(name); opened != opened_.end()) return opened->second.get();
  if (opener_) {
    auto store = PACS_TRY(opener_(name));
    return opened_.emplace(std::string(name), std::move(store)).first->second.get();
  }
  return unavailable("store_missing", "the image lies in the store \"" + std::string(name) +
                                          "\", which this server is not configured for");
}

}  // namespace pacs::archive
