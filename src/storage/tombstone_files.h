// Where the filesystem keeps tombstones: .pacs-lite/tombstones/{name}.json, one text each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/file.h"
#include "core/result.h"
#include "storage/folder_syncs.h"

namespace pacs::storage {

// One for a store. Any thread; two must not write one name at once. See BlobStore for the contract.
class TombstoneFiles {
 public:
  // `syncs` outlives the object.
  TombstoneFiles(UniqueFd folder, FolderSyncs& syncs) : folder_(std::move(folder)), syncs_(syncs) {}

  [[nodiscard]] Result<void> write(std::string_view name, std::string_view text);
  [[nodiscard]] Result<std::string> read(std::string_view name) const;
  [[nodiscard]] Result<void> remove(std::string_view name);
  [[nodiscard]] Result<std::vector<std::string>> names() const;

 private:
  const UniqueFd folder_;
  FolderSyncs& syncs_;
};

}  // namespace pacs::storage
