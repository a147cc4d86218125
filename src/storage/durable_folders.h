// The folders on the way to a blob: made when they are missing, and synced into their parents
// before anything in them is acknowledged, whoever made them.
#pragma once

#include <array>
#include <list>
#include <map>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "core/file.h"
#include "core/result.h"
#include "storage/folder_syncs.h"

namespace pacs::storage {

// The open folders from just below the root to the innermost one.
class FolderChain {
 public:
  struct Level {
    UniqueFd folder;
    FileIdentity identity;
    bool is_known_durable = false;
  };

  [[nodiscard]] int innermost() const { return levels_.back().folder.get(); }

 private:
  friend class DurableFolders;
  std::vector<Level> levels_;
};

// One for a store. Any thread.
class DurableFolders {
 public:
  // `root` must be durable itself and stay open; `syncs` must outlive the object.
  DurableFolders(int root, FolderSyncs& syncs) : root_(root), syncs_(syncs) {}

  // Opens the folders of a path, making those that are missing with exactly `mode`, whatever the
  // umask is. Folders that are there keep theirs. `permission_denied` (reason "unsafe_path") when
  // something else stands where a folder should be.
  [[nodiscard]] Result<FolderChain> make(std::span<const std::string_view> path, unsigned mode);

  // On return the entry of each folder of the chain is on stable storage. Syncs the parents of
  // those of which this process does not know it yet.
  [[nodiscard]] Result<void> sync_entries(const FolderChain& chain);

  // Called for a folder that has been removed.
  void forget(FileIdentity folder);

 private:
  // Enough for the series that arrive at one time; each costs a descriptor.
  static constexpr size_t kKnownFoldersMax = 256;
  static constexpr size_t kMakingStripes = 16;

  struct Known {
    FileIdentity parent;
    UniqueFd pin;  // as long as it is open, no other folder gets the same inode
    std::list<FileIdentity>::iterator used;
  };

  Result<FolderChain::Level> open_or_make(int parent, FileIdentity parent_identity,
                                          std::string_view name, unsigned mode);
  bool is_known(FileIdentity folder, FileIdentity parent);
  void remember(const FolderChain::Level& level, FileIdentity parent);

  const int root_;
  FolderSyncs& syncs_;
  // Held between mkdir and chmod; who finds a folder that it does not know waits for it, so that
  // nobody acknowledges a file in a folder whose mode is not yet right.
  std::array<std::mutex, kMakingStripes> making_;

  std::mutex mutex_;
  std::map<FileIdentity, Known> known_;  // guarded by mutex_
  std::list<FileIdentity> used_;         // guarded by mutex_; the latest first
};

}  // namespace pacs::storage
