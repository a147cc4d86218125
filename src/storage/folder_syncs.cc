#include "storage/folder_syncs.h"

#include "core/log.h"

namespace pacs::storage {

Result<void> FolderSyncs::check() const {
  if (!failed()) return {};
  return internal_error("fsync_failed",
                        "an earlier fsync failed: nothing more is written until a restart");
}

Result<void> FolderSyncs::fail(const Error& error) {
  if (!failed_.exchange(true)) log_error("storage.fsync_failed", {{"error", error.detail}});
  return check();
}

Result<void> FolderSyncs::sync_file(int file) {
  PACS_TRY(check());
  Result<void> synced = sync_to_disk(file, "a staged file");
  if (synced || synced.error().code == ErrorCode::resource_exhausted) return synced;
  return fail(synced.error());
}

Result<void> FolderSyncs::sync(int folder) {
  PACS_TRY(check());
  const FileIdentity identity = identity_of(PACS_TRY(stat_open(folder)));
  ++syncs_asked_;
  std::unique_lock lock(mutex_);
  // The caller holds the folder open, so its inode is nobody else's while the group is in the map.
  Group& group = groups_[identity];
  ++group.users;
  Result<void> result = sync_as_one_of(group, folder, lock);
  if (--group.users == 0) groups_.erase(identity);
  return result;
}

Result<void> FolderSyncs::sync_as_one_of(Group& group, int folder,
                                         std::unique_lock<std::mutex>& lock) {
  // One that is running may have begun before our entry was made: only the next one counts.
  const uint64_t wanted = group.started + 1;
  while (group.finished < wanted) {
    if (failed()) return check();
    if (group.running) {
      group.done.wait(lock);
      continue;
    }
    group.running = true;
    const uint64_t number = ++group.started;
    lock.unlock();
    const Result<void> synced = sync_to_disk(folder, "a folder");
    // Even a full disk: others' entries may be among what was lost.
    if (!synced) static_cast<void>(fail(synced.error()));
    ++syncs_done_;
    lock.lock();
    group.running = false;
    if (synced) group.finished = number;
    group.done.notify_all();
  }
  return {};
}

}  // namespace pacs::storage
