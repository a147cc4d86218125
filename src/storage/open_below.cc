#include "storage/open_below.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/crypto.h"
#include "core/text.h"

namespace pacs::storage {
namespace {

// A rename somewhere on the way makes openat2 give up with EAGAIN; nobody renames that often.
constexpr int kOpenAttemptsMax = 32;
constexpr size_t kRandomNameBytes = 16;

std::atomic<bool> openat2_is_missing{false};

Error open_error(int error_number) {
  switch (error_number) {
    case ELOOP:         // a symbolic link
    case EXDEV:         // out of the folder
    case ENXIO:         // a socket, a device
    case ENAMETOOLONG:  // too long to exist
    case EISDIR:
      error_number = ENOENT;
      break;
    default:
      break;
  }
  return system_error(error_number, "opening a stored file");
}

Result<UniqueFd> open_at(int folder, const std::string& name, int flags) {
  int descriptor = -1;
  do {
    descriptor = ::openat(folder, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return open_error(errno);
  return UniqueFd(descriptor);
}

Result<UniqueFd> open_by_component(int folder, const std::string& path, int flags) {
  const std::vector<std::string_view> parts = split(path, '/');
  UniqueFd parent;
  int at = folder;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    parent = PACS_TRY(open_at(at, std::string(parts[i]), O_PATH | O_DIRECTORY));
    at = parent.get();
  }
  return open_at(at, std::string(parts.back()), flags);
}

}  // namespace

Result<UniqueFd> open_below(int folder, const std::string& path, int flags, OpenWay way) {
  if (way == OpenWay::component_by_component) return open_by_component(folder, path, flags);
  struct open_how how {};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  for (int attempt = 0; attempt < kOpenAttemptsMax; ++attempt) {
    const long descriptor = ::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof(how));
    if (descriptor >= 0) return UniqueFd(static_cast<int>(descriptor));
    if (errno == EAGAIN || errno == EINTR) continue;
    // Old container runtimes answer EPERM for calls that they do not know.
    if (errno == ENOSYS) openat2_is_missing = true;
    if (errno == ENOSYS || errno == EPERM) return open_by_component(folder, path, flags);
    return open_error(errno);
  }
  return system_error(EAGAIN, "opening a stored file");
}

Result<UniqueFd> open_below(int folder, const std::string& path, int flags) {
  return open_below(folder, path, flags,
                    openat2_is_missing ? OpenWay::component_by_component : OpenWay::best);
}

Result<UniqueFd> open_folder_below(int folder, const std::string& path) {
  return open_below(folder, path, O_RDONLY | O_DIRECTORY);
}

Result<struct ::stat> stat_open(int descriptor) {
  struct ::stat status {};
  if (::fstat(descriptor, &status) != 0) return system_error(errno, "asking about an open file");
  return status;
}

FileIdentity identity_of(const struct ::stat& status) { return {status.st_dev, status.st_ino}; }

std::string identity_text(const struct ::stat& status) {
  std::array<char, 80> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%llx-%llx-%llx.%09ld",
                    static_cast<unsigned long long>(status.st_ino),
                    static_cast<unsigned long long>(status.st_size),
                    static_cast<unsigned long long>(status.st_ctim.tv_sec), status.st_ctim.tv_nsec);
  return {text.data(), static_cast<size_t>(size)};
}

Result<void> link_open_file(int descriptor, int folder, const std::string& name) {
  // Without the capability for AT_EMPTY_PATH, the descriptor's own entry in /proc is the way.
  const std::string open_file = "/proc/self/fd/" + std::to_string(descriptor);
  if (::linkat(AT_FDCWD, open_file.c_str(), folder, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
    return {};
  }
  return system_error(errno, "naming a stored file");
}

std::string random_name() {
  std::array<std::byte, kRandomNameBytes> bytes{};
  SystemRandom().fill(bytes);
  return to_hex(bytes);
}

bool is_random_name(std::string_view name) {
  return name.size() == 2 * kRandomNameBytes && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace pacs::storage
