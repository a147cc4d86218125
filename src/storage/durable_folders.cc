#include "storage/durable_folders.h"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace pacs::storage {
namespace {

// A folder that is removed and made again under our hands; nobody does it this often.
constexpr int kMakeAttemptsMax = 32;
constexpr unsigned kModeBits = 07777;

Result<UniqueFd> open_folder_at(int parent, const std::string& name) {
  const int descriptor =
      ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor >= 0) return UniqueFd(descriptor);
  if (errno == ELOOP || errno == ENOTDIR) {
    return permission_denied("unsafe_path",
                             "a symbolic link or a file stands where a folder should be");
  }
  return system_error(errno, "opening a folder of the store");
}

}  // namespace

Result<FolderChain::Level> DurableFolders::open_or_make(int parent, FileIdentity parent_identity,
                                                        std::string_view name, unsigned mode) {
  const std::string text(name);
  std::mutex& making = making_[parent_identity.inode % kMakingStripes];
  FolderChain::Level level;
  for (int attempt = 0; attempt < kMakeAttemptsMax; ++attempt) {
    Result<UniqueFd> opened = open_folder_at(parent, text);
    if (opened) {
      level.folder = std::move(*opened);
      level.identity = identity_of(PACS_TRY(stat_open(level.folder.get())));
      level.is_known_durable = is_known(level.identity, parent_identity);
      if (!level.is_known_durable) {
        const std::lock_guard wait_for_maker(making);
      }
      return level;
    }
    if (opened.error().code != ErrorCode::not_found) return std::move(opened).error();

    const std::lock_guard lock(making);
    if (::mkdirat(parent, text.c_str(), mode & kModeBits) != 0) {
      if (errno == EEXIST) continue;
      return system_error(errno, "making a folder of the store");
    }
    Result<UniqueFd> made = open_folder_at(parent, text);
    if (!made) continue;
    level.folder = std::move(*made);
    const struct ::stat status = PACS_TRY(stat_open(level.folder.get()));
    level.identity = identity_of(status);
    // Not when it is right already: chmod drops set-group-id for a group that we are not in.
    if ((status.st_mode & kModeBits) != mode && ::fchmod(level.folder.get(), mode) != 0) {
      return system_error(errno, "setting the mode of a folder of the store");
    }
    return level;
  }
  return unavailable("try_again", "a folder of the store keeps going away");
}

Result<FolderChain> DurableFolders::make(std::span<const std::string_view> path, unsigned mode) {
  FolderChain chain;
  int parent = root_;
  FileIdentity parent_identity = identity_of(PACS_TRY(stat_open(root_)));
  for (const std::string_view name : path) {
    chain.levels_.push_back(PACS_TRY(open_or_make(parent, parent_identity, name, mode)));
    parent = chain.levels_.back().folder.get();
    parent_identity = chain.levels_.back().identity;
  }
  return chain;
}

Result<void> DurableFolders::sync_entries(const FolderChain& chain) {
  for (size_t i = chain.levels_.size(); i-- > 0;) {
    const FolderChain::Level& level = chain.levels_[i];
    if (level.is_known_durable) continue;
    const int parent = i == 0 ? root_ : chain.levels_[i - 1].folder.get();
    PACS_TRY(syncs_.sync(parent));
    // The innermost folder is one image's, seldom met again; its parents are.
    if (i + 1 == chain.levels_.size()) continue;
    remember(level, identity_of(PACS_TRY(stat_open(parent))));
  }
  return {};
}

bool DurableFolders::is_known(FileIdentity folder, FileIdentity parent) {
  const std::lock_guard lock(mutex_);
  const auto position = known_.find(folder);
  if (position == known_.end() || position->second.parent != parent) return false;
  used_.splice(used_.begin(), used_, position->second.used);
  return true;
}

void DurableFolders::remember(const FolderChain::Level& level, FileIdentity parent) {
  UniqueFd pin(::fcntl(level.folder.get(), F_DUPFD_CLOEXEC, 0));
  if (!pin) return;  // out of descriptors: it will be synced again, that is all
  const std::lock_guard lock(mutex_);
  const auto position = known_.find(level.identity);
  if (position != known_.end()) {
    position->second.parent = parent;
    return;
  }
  used_.push_front(level.identity);
  known_.emplace(level.identity, Known{parent, std::move(pin), used_.begin()});
  if (known_.size() <= kKnownFoldersMax) return;
  known_.erase(used_.back());
  used_.pop_back();
}

void DurableFolders::forget(FileIdentity folder) {
  const std::lock_guard lock(mutex_);
  const auto position = known_.find(folder);
  if (position == known_.end()) return;
  used_.erase(position->second.used);
  known_.erase(position);
}

}  // namespace pacs::storage
