// The blob stores of this archive by name: the one that new images go to, and every other one that
// rows name, from which images are still read and deleted.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "storage/blob_store.h"

namespace pacs::archive {

// Any thread may ask.
class Stores {
 public:
  // Opens a store that is not there yet: only one that belongs to this archive.
  using Opener = std::function<Result<std::unique_ptr<storage::BlobStore>>(std::string_view name)>;

  explicit Stores(std::unique_ptr<storage::BlobStore> primary);

  // Before the first request, both.
  void add(std::unique_ptr<storage::BlobStore> store);
  void open_others_with(Opener opener) { opener_ = std::move(opener); }

  [[nodiscard]] storage::BlobStore& primary() const { return *stores_.front(); }
  // Opens it when somebody asks for the first time, and again for each who asks while that fails.
  // `unavailable` (reason "store_missing") when a row names a store that is not configured, and the
  // opener's errors.
  [[nodiscard]] Result<storage::BlobStore*> find(std::string_view name) const;
  // Those that were there from the beginning.
  [[nodiscard]] const std::vector<std::unique_ptr<storage::BlobStore>>& all() const {
    return stores_;
  }

 private:
  std::vector<std::unique_ptr<storage::BlobStore>> stores_;
  Opener opener_;
  mutable std::mutex mutex_;
  // Guarded by mutex_; what is in it stays.
  mutable std::map<std::string, std::unique_ptr<storage::BlobStore>, std::less<>> opened_;
};

}  // namespace pacs::archive
