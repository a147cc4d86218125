#include "cli/data_folder.h"

#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "access/receipts.h"
#include "access/token_issuer.h"
#include "core/log.h"
#include "core/text.h"

namespace pacs::cli {
namespace {

constexpr unsigned kFolderMode = 0700;
constexpr unsigned kLockMode = 0600;
constexpr size_t kSocketPathBytesMax = 107;   // sun_path of unix(7) without its zero
constexpr uint64_t kLockFileBytesMax = 4096;  // a process id and a URL

Result<void> make_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), kFolderMode) == 0) {
    const std::string parent = std::filesystem::path(folder).parent_path().string();
    const UniqueFd opened = PACS_TRY(
        open_file(parent, O_RDONLY | O_DIRECTORY, 0, "opening the folder above the data folder"));
    return sync_to_disk(opened.get(), "the folder above the data folder");
  }
  if (errno == EEXIST) return {};
  Error error = system_error(errno, "making the data folder");
  error.detail += ": " + folder;
  return error;
}

// A lock of the open file, not of the process (F_OFD_SETLK): it goes with the descriptor, and one
// can ask for it without taking it.
struct flock whole_file(short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

// Secrets and patients' names lie here.
Result<void> close_to_others(const std::string& folder) {
  struct stat status = {};
  if (::stat(folder.c_str(), &status) != 0)
    return system_error(errno, "looking at the data folder");
  if (!S_ISDIR(status.st_mode)) {
    return invalid_argument("bad_data_folder",
                            folder + " is not a folder; set PACS_LITE_DATA to one");
  }
  if ((status.st_mode & 0077) == 0) return {};
  if (::chmod(folder.c_str(), kFolderMode) != 0) {
    return permission_denied("data_folder_exposed",
                             "others may enter the data folder " + folder +
                                 " and this process may not change that; run: chmod 700 " + folder);
  }
  log_warning("data_folder_closed_to_others", {{"mode", "0700"}});
  return {};
}

// A line each: the process id, and where it listens.
DataFolderOwner read_owner(const DataPaths& paths) {
  const std::string text = read_file(paths.lock, kLockFileBytesMax).value_or(std::string());
  const std::vector<std::string_view> lines = split(text, '\n');
  DataFolderOwner owner;
  owner.process_id = lines[0];
  if (lines.size() > 1) owner.url = lines[1];
  return owner;
}

Error in_use(const DataPaths& paths) {
  const std::string owner = read_owner(paths).process_id;
  return unavailable("data_folder_in_use",
                     "the data folder " + paths.folder + " belongs to a running process" +
                         (owner.empty() ? std::string() : " (pid " + owner + ")") +
                         "; stop it, or set PACS_LITE_DATA to another folder");
}

}  // namespace

DataPaths::DataPaths(const std::string& data_folder)
    : folder(data_folder),
      index(data_folder + "/index.db"),
      lock(data_folder + "/lock"),
      socket(data_folder + "/pacs-lite.sock"),
      signing_keys(data_folder + "/signing-keys.json"),
      receipt_key(data_folder + "/" + std::string(access::ReceiptSigner::kKeyFile)),
      admin_token(data_folder + "/" + std::string(access::TokenIssuer::kAdminTokenFile)),
      restore_marker(data_folder + "/restore-begun.json"),
      transcoded(data_folder + "/transcoded"),
      staging(data_folder + "/staging") {}

Result<DataFolder> DataFolder::open(const std::string& folder) {
  DataPaths paths(folder);
  PACS_TRY(make_folder(folder));
  PACS_TRY(close_to_others(folder));
  UniqueFd lock = PACS_TRY(open_file(paths.lock, O_RDWR | O_CREAT | O_NOFOLLOW, kLockMode,
                                     "opening the lock of the data folder"));
  struct flock exclusive = whole_file(F_WRLCK);
  if (::fcntl(lock.get(), F_OFD_SETLK, &exclusive) != 0) {
    if (errno == EAGAIN || errno == EACCES) return in_use(paths);
    return system_error(errno, "locking the data folder");
  }
  if (::ftruncate(lock.get(), 0) != 0) return system_error(errno, "writing the lock");
  PACS_TRY(write_all(lock.get(), as_bytes(std::to_string(::getpid()) + "\n")));
  return DataFolder(std::move(paths), std::move(lock));
}

Result<void> DataFolder::announce(const std::string& url) {
  return write_all(lock_.get(), as_bytes(url + "\n"));
}

Result<std::optional<DataFolderOwner>> find_owner(const DataPaths& paths) {
  Result<UniqueFd> lock = open_file(paths.lock, O_RDONLY | O_NOFOLLOW, 0, "opening the lock");
  if (!lock) {
    if (lock.error().code == ErrorCode::not_found) return std::optional<DataFolderOwner>();
    return std::move(lock).error();
  }
  struct flock probe = whole_file(F_WRLCK);
  if (::fcntl(lock->get(), F_OFD_GETLK, &probe) != 0) {
    return system_error(errno, "looking at the lock");
  }
  if (probe.l_type == F_UNLCK) return std::optional<DataFolderOwner>();
  return std::optional(read_owner(paths));
}

Result<void> check_no_restore(const DataPaths& paths) {
  if (::access(paths.restore_marker.c_str(), F_OK) != 0) return {};
  return conflict("restore_unfinished",
                  "a restore from a backup was begun in the data folder and not finished: run "
                  "`pacs-lite restore --from FOLDER` again, which goes on where it was cut");
}

Result<SocketPath> SocketPath::of(const std::string& path) {
  if (path.size() <= kSocketPathBytesMax) return SocketPath(UniqueFd(), path);
  const std::filesystem::path whole(path);
  UniqueFd folder = PACS_TRY(open_file(whole.parent_path().string(), O_PATH | O_DIRECTORY, 0,
                                       "opening the folder of the socket"));
  std::string text =
      "/proc/self/fd/" + std::to_string(folder.get()) + "/" + whole.filename().string();
  return SocketPath(std::move(folder), std::move(text));
}

}  // namespace pacs::cli
