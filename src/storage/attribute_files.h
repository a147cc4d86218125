// Where the filesystem keeps a blob's attributes: in the extended attribute "user.pacs-lite", as
// JSON; where it does not fit or there are none, in a file of its own,
// .pacs-lite/attributes/{2 digits}/{SHA-256 of the key}.json, which names the key.
#pragma once

#include <array>
#include <mutex>
#include <string>

#include "core/object_key.h"
#include "core/result.h"
#include "storage/blob_attributes.h"
#include "storage/durable_folders.h"

namespace pacs::storage {

inline constexpr const char* kExtendedAttribute = "user.pacs-lite";

// One for a store. Any thread.
class AttributeFiles {
 public:
  enum class Where { extended_attribute, own_file };

  AttributeFiles(int root, bool use_extended_attributes, DurableFolders& folders,
                 FolderSyncs& syncs)
      : root_(root),
        use_extended_attributes_(use_extended_attributes),
        folders_(folders),
        syncs_(syncs) {}

  // Sets or replaces them on an open file, not yet synced. `own_file` says that they do not fit or
  // may not be set: then the file has none, and write_file() must follow.
  [[nodiscard]] Result<Where> set_on_file(int file, const BlobAttributes& attributes) const;

  // Takes the extended attribute away, once write_file() has replaced it.
  [[nodiscard]] Result<void> clear_on_file(int file) const;

  // Durably, replacing what is there. Hold lock_of(key) for as long as the key is being decided.
  [[nodiscard]] Result<void> write_file(const ObjectKey& key, const BlobAttributes& attributes);
  // Success also when there is none. Not synced: a stray file of a free key does no harm.
  [[nodiscard]] Result<void> remove_file(const ObjectKey& key) const;

  // Of an open blob; empty when it has none. `corrupt` (reason "bad_attributes").
  [[nodiscard]] Result<BlobAttributes> read(int file, const ObjectKey& key) const;

  [[nodiscard]] std::unique_lock<std::mutex> lock_of(const ObjectKey& key);

 private:
  static constexpr size_t kLocks = 64;

  const int root_;
  const bool use_extended_attributes_;
  DurableFolders& folders_;
  FolderSyncs& syncs_;
  std::array<std::mutex, kLocks> locks_;
};

}  // namespace pacs::storage
