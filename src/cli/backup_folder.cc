#include "cli/backup_folder.h"

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"
#include "storage/filesystem_blob_store.h"

namespace pacs::cli {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kBackupFolderMode = 0700;  // patients' names and secrets lie here
constexpr unsigned kBackupFileMode = 0600;
constexpr unsigned kImageMode = 0400;
constexpr uint64_t kManifestBytesMax = 1024 * 1024;  // a few hundred bytes
constexpr const char* kManifest = "/backup.json";
constexpr const char* kLock = "/backup.lock";

Result<void> sync_folder(const std::string& path, std::string_view what) {
  const UniqueFd folder = PACS_TRY(open_file(path, O_RDONLY | O_DIRECTORY, 0, what));
  return sync_to_disk(folder.get(), what);
}

// Success also where there is one.
Result<void> make_backup_folder(const std::string& path) {
  if (::mkdir(path.c_str(), kBackupFolderMode) != 0) {
    if (errno == EEXIST) return {};
    Error error = system_error(errno, "making the folder of the backup");
    if (error.code == ErrorCode::not_found) error.detail += ": the folder above it is missing";
    return error;
  }
  return sync_folder(fs::path(path).parent_path().string(), "the folder above the backup");
}

// What a new filesystem has by itself is nothing.
bool is_empty_folder(const std::string& path) {
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename() != "lost+found") return false;
  }
  return !error;
}

Result<UniqueFd> lock_folder(const std::string& path) {
  UniqueFd file = PACS_TRY(open_file(path + kLock, O_RDWR | O_CREAT | O_NOFOLLOW, kBackupFileMode,
                                     "opening the lock of the backup"));
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  if (::fcntl(file.get(), F_OFD_SETLK, &lock) == 0) return file;
  if (errno == EAGAIN || errno == EACCES) {
    return unavailable("backup_running", "another backup is writing to this folder");
  }
  return system_error(errno, "locking the folder of the backup");
}

}  // namespace

Result<std::unique_ptr<BackupPlace>> BackupFolder::open_to_write(const std::string& path) {
  PACS_TRY(make_backup_folder(path));
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    return invalid_argument("not_a_folder", path + " is not a folder");
  }
  if (!fs::exists(path + kLock, error) && !is_empty_folder(path)) {
    return conflict("not_a_backup", path +
                                        " holds something that is no backup of this program; name "
                                        "an empty folder, or one that was made by `backup`");
  }
  UniqueFd lock = PACS_TRY(lock_folder(path));
  if (::chmod(path.c_str(), kBackupFolderMode) != 0) {
    return system_error(errno, "closing the folder of the backup to others");
  }
  return std::unique_ptr<BackupPlace>(new BackupFolder(path, std::move(lock)));
}

std::unique_ptr<BackupPlace> BackupFolder::open_to_read(const std::string& path) {
  return std::unique_ptr<BackupPlace>(new BackupFolder(path, UniqueFd()));
}

Result<std::optional<BackupManifest>> BackupFolder::find_manifest() const {
  const auto text = read_file(path_ + kManifest, kManifestBytesMax);
  if (!text && text.error().code == ErrorCode::not_found) return std::optional<BackupManifest>();
  if (!text) return text.error();
  return std::optional<BackupManifest>(PACS_TRY(BackupManifest::parse(*text)));
}

Result<void> BackupFolder::write_manifest(const BackupManifest& manifest) {
  return replace_file(path_ + kManifest, as_bytes(manifest.to_json()), kBackupFileMode);
}

Result<std::unique_ptr<storage::BlobStore>> BackupFolder::open_images() {
  storage::FilesystemOptions options;
  options.root = path_ + "/media";
  options.file_mode = kImageMode;
  options.folder_mode = kBackupFolderMode;
  options.attributes = storage::FilesystemOptions::Attributes::files_only;
  auto store = storage::open_filesystem_blob_store(options);
  if (store) return store;
  Error error = std::move(store).error();
  error.detail = "the folder of the backup: " + error.detail;
  return error;
}

Result<void> BackupFolder::remove_other_indexes(const std::string& kept) {
  std::error_code error;
  for (fs::directory_iterator entry(path_, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!is_backup_index(name) || name == kept) continue;
    if (::unlink(entry->path().c_str()) != 0 && errno != ENOENT) {
      return system_error(errno, "removing an older copy of the index");
    }
  }
  if (error) return system_error(error.value(), "reading the folder of the backup");
  return sync_folder(path_, "the folder of the backup");
}

Result<FileDigest> BackupFolder::keep_secret(const std::string& name, const std::string& from) {
  PACS_TRY(make_backup_folder(path_ + "/secrets"));
  return copy_file_durably(from, secret_path(name), kBackupFileMode);
}

Result<FileDigest> BackupFolder::fetch_index(const std::string& name, const std::string& to) {
  return copy_file_durably(local_index(name), to, kBackupFileMode);
}

Result<FileDigest> BackupFolder::fetch_secret(const std::string& name, const std::string& to) {
  return copy_file_durably(secret_path(name), to, kBackupFileMode);
}

}  // namespace pacs::cli
