// The blob stores of this archive by name: the one that new images go to, and every other one that
// rows name, from which old images are still read.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/blob_store.h"

namespace pacs::archive {

// Filled before the first request; after that any thread may ask.
class Stores {
 public:
  explicit Stores(std::unique_ptr<storage::BlobStore> primary);

  void add(std::unique_ptr<storage::BlobStore> store);

  [[nodiscard]] storage::BlobStore& primary() const { return *stores_.front(); }
  // `unavailable` (reason "store_missing") when a row names a store that is not configured.
  [[nodiscard]] Result<storage::BlobStore*> find(std::string_view name) const;
  [[nodiscard]] const std::vector<std::unique_ptr<storage::BlobStore>>& all() const {
    return stores_;
  }

 private:
  std::vector<std::unique_ptr<storage::BlobStore>> stores_;
};

}  // namespace pacs::archive
