// What every backend accepts as a tombstone.
#include <algorithm>

#include "storage/blob_store.h"

namespace pacs::storage {

Result<void> check_tombstone(std::string_view name, std::string_view text) {
  const bool is_name = !name.empty() && name.size() <= kTombstoneNameBytesMax &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
  if (!is_name) return invalid_argument("bad_tombstone_name", "this is no name of a tombstone");
  if (text.size() > kTombstoneBytesMax) {
    return invalid_argument("tombstone_too_large", "the text of a tombstone is too long");
  }
  return {};
}

}  // namespace pacs::storage
