#include "storage/filesystem_staging.h"

#include <cerrno>
#include <ctime>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/folder_listing.h"
#include "storage/open_below.h"

namespace pacs::storage {
namespace {

constexpr unsigned kStagedMode = 0600;
// The disk starts on what has been written while more comes in, so that the fsync of a large file
// finds little left to do.
constexpr uint64_t kWritebackStepBytes = 1024 * 1024;

Error no_such_upload() {
  return not_found("no_such_upload", "there is no staged upload of this id");
}

}  // namespace

Result<void> FilesystemStagedBlob::append(Bytes bytes) {
  PACS_ASSERT(!is_torn_);
  Result<void> written = write_all(file_.get(), bytes);
  if (!written) {
    is_torn_ = true;
    return written;
  }
  size_bytes_ += bytes.size();
  if (size_bytes_ - writeback_from_ >= kWritebackStepBytes) {
    // Only starts the writing; an error of it stays for the fsync to report.
    static_cast<void>(::sync_file_range(file_.get(), static_cast<off_t>(writeback_from_),
                                        static_cast<off_t>(size_bytes_ - writeback_from_),
                                        SYNC_FILE_RANGE_WRITE));
    writeback_from_ = size_bytes_;
  }
  return {};
}

Result<void> FilesystemStagedBlob::sync() {
  Result<void> synced = syncs_.sync_file(file_.get());
  if (!synced) is_torn_ = true;
  return synced;
}

Result<void> FilesystemStagedBlob::keep() {
  PACS_TRY(sync());
  if (is_kept_) return {};
  PACS_TRY(link_open_file(file_.get(), folder_, id_));
  is_kept_ = true;
  return syncs_.sync(folder_);
}

Result<void> FilesystemStagedBlob::truncate(uint64_t size_bytes) {
  if (size_bytes > size_bytes_) {
    return invalid_argument("staged_too_short", "the staged upload is shorter than that");
  }
  const auto end = static_cast<off_t>(size_bytes);
  if (::ftruncate(file_.get(), end) != 0 || ::lseek(file_.get(), end, SEEK_SET) != end) {
    is_torn_ = true;
    return system_error(errno, "cutting a staged upload");
  }
  size_bytes_ = size_bytes;
  writeback_from_ = std::min(writeback_from_, size_bytes);
  return {};
}

Result<size_t> FilesystemStagedBlob::read_at(uint64_t offset, MutableBytes buffer) const {
  return pacs::read_at(file_.get(), offset, buffer);
}

Result<void> FilesystemStagedBlob::drop_name() {
  if (!is_kept_) return {};
  is_kept_ = false;
  if (::unlinkat(folder_, id_.c_str(), 0) == 0 || errno == ENOENT) return {};
  return system_error(errno, "removing a staged upload");
}

Result<UniqueFd> FilesystemStaging::open_unnamed() {
  const int descriptor = ::openat(folder_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, kStagedMode);
  if (descriptor < 0) return system_error(errno, "making a staged file");
  return UniqueFd(descriptor);
}

Result<std::unique_ptr<StagedBlob>> FilesystemStaging::stage() {
  PACS_TRY(syncs_.check());
  UniqueFd file = PACS_TRY(open_unnamed());
  return std::make_unique<FilesystemStagedBlob>(std::move(file), random_name(), 0, false,
                                                folder_.get(), syncs_);
}

Result<std::unique_ptr<StagedBlob>> FilesystemStaging::reopen(std::string_view id) {
  PACS_TRY(syncs_.check());
  if (!is_random_name(id)) return no_such_upload();
  const std::string name(id);
  struct ::stat status {};
  if (::fstatat(folder_.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return no_such_upload();
    return system_error(errno, "opening a staged upload");
  }
  // A second name means that it is published already: a write here would change a stored image.
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1) return no_such_upload();
  // A publish that failed or was cut may have left it read-only.
  if (::fchmodat(folder_.get(), name.c_str(), kStagedMode, 0) != 0) {
    return system_error(errno, "opening a staged upload");
  }
  Result<UniqueFd> file = open_below(folder_.get(), name, O_RDWR);
  if (!file) return std::move(file).error();
  const auto size_bytes = static_cast<uint64_t>(status.st_size);
  if (::lseek(file->get(), status.st_size, SEEK_SET) < 0) {
    return system_error(errno, "opening a staged upload");
  }
  return std::make_unique<FilesystemStagedBlob>(std::move(*file), name, size_bytes, true,
                                                folder_.get(), syncs_);
}

Result<void> FilesystemStaging::discard(std::string_view id) {
  if (!is_random_name(id)) return {};
  if (::unlinkat(folder_.get(), std::string(id).c_str(), 0) == 0 || errno == ENOENT) return {};
  return system_error(errno, "removing a staged upload");
}

Result<std::vector<std::string>> FilesystemStaging::list(std::chrono::seconds older_than) const {
  std::vector<std::string> names;
  const std::time_t latest = std::time(nullptr) - static_cast<std::time_t>(older_than.count());
  for (FolderEntry& entry : PACS_TRY(list_folder(folder_.get()))) {
    if (entry.kind != FolderEntry::Kind::file) continue;
    struct ::stat status {};
    if (::fstatat(folder_.get(), entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (status.st_mtim.tv_sec <= latest) names.push_back(std::move(entry.name));
  }
  return names;
}

Result<uint64_t> FilesystemStaging::clean(
    std::chrono::seconds older_than, const std::function<bool(std::string_view id)>& is_wanted) {
  uint64_t removed = 0;
  for (const std::string& name : PACS_TRY(list(older_than))) {
    if (is_wanted(name)) continue;
    if (::unlinkat(folder_.get(), name.c_str(), 0) != 0) {
      if (errno == ENOENT) continue;
      return system_error(errno, "removing a staged upload");
    }
    ++removed;
  }
  return removed;
}

Result<void> FilesystemStaging::probe() {
  const Error refusal = unsupported(
      "no_unnamed_files",
      "the filesystem of MEDIA_ROOT cannot stage files (O_TMPFILE and /proc are needed): use ext4, "
      "XFS or btrfs");
  const Result<UniqueFd> file = open_unnamed();
  // Only what says that it can never be done: a full or read-only disk can still be read.
  const auto is_final = [](const Error& error) {
    return error.code != ErrorCode::resource_exhausted &&
           error.code != ErrorCode::permission_denied;
  };
  if (!file) return is_final(file.error()) ? Result<void>(refusal) : Result<void>();
  const std::string name = random_name();
  const Result<void> linked = link_open_file(file->get(), folder_.get(), name);
  if (!linked) return is_final(linked.error()) ? Result<void>(refusal) : Result<void>();
  return discard(name);
}

}  // namespace pacs::storage
