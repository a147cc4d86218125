#include "core/file.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace pacs {

UniqueFd::~UniqueFd() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<UniqueFd> open_file(const std::string& path, int flags, unsigned mode,
                           std::string_view what) {
  int descriptor = -1;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return system_error(errno, what);
  return UniqueFd(descriptor);
}

Result<size_t> read_at(int descriptor, uint64_t offset, MutableBytes buffer) {
  size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count = ::pread(descriptor, buffer.data() + filled, buffer.size() - filled,
                                  static_cast<off_t>(offset + filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(errno, "reading a file");
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  return filled;
}

Result<void> write_all(int descriptor, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error(errno, "writing a file");
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return {};
}

Result<void> sync_to_disk(int descriptor, std::string_view what) {
  // No loop on EINTR either: Linux does not return it here, and a second fsync may lie.
  if (::fsync(descriptor) == 0) return {};
  Error error = system_error(errno, std::string("fsync of ").append(what));
  if (error.code != ErrorCode::resource_exhausted) {
    error.code = ErrorCode::internal;
    error.reason = "fsync_failed";
  }
  return error;
}

Result<std::string> read_file(const std::string& path, uint64_t size_bytes_max) {
  const UniqueFd file = PACS_TRY(open_file(path, O_RDONLY, 0, "opening a file"));
  std::string text;
  ByteVector buffer(64 * 1024);
  while (true) {
    const size_t count = PACS_TRY(read_at(file.get(), text.size(), buffer));
    if (count == 0) return text;
    if (count > size_bytes_max - text.size()) {
      return resource_exhausted("too_large", "the file is larger than this use allows");
    }
    text.append(as_text(Bytes(buffer).first(count)));
  }
}

Result<void> replace_file(const std::string& path, Bytes content, unsigned mode) {
  const std::string temporary = path + ".new";
  const std::string folder = std::filesystem::path(path).parent_path().string();
  {
    const UniqueFd file = PACS_TRY(
        open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode, "writing a file"));
    PACS_TRY(write_all(file.get(), content));
    PACS_TRY(sync_to_disk(file.get(), "a file"));
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error(errno, "renaming a file");
  const UniqueFd directory = PACS_TRY(
      open_file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY, 0, "opening a folder"));
  return sync_to_disk(directory.get(), "a folder");
}

}  // namespace pacs
