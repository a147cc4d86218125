#include "storage/folder_listing.h"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pacs::storage {
namespace {

struct CloseFolder {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

FolderEntry::Kind kind_of(int folder, const dirent& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return FolderEntry::Kind::file;
    case DT_DIR:
      return FolderEntry::Kind::folder;
    case DT_LNK:
      return FolderEntry::Kind::symbolic_link;
    case DT_UNKNOWN: {
      struct ::stat status {};
      if (::fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) break;
      if (S_ISREG(status.st_mode)) return FolderEntry::Kind::file;
      if (S_ISDIR(status.st_mode)) return FolderEntry::Kind::folder;
      if (S_ISLNK(status.st_mode)) return FolderEntry::Kind::symbolic_link;
      break;
    }
    default:
      break;
  }
  return FolderEntry::Kind::other;
}

// Compares as if a folder's name ended in "/", without making that text.
bool comes_before(const FolderEntry& left, const FolderEntry& right) {
  const size_t common = std::min(left.name.size(), right.name.size());
  const int order = left.name.compare(0, common, right.name, 0, common);
  if (order != 0) return order < 0;
  const auto next = [common](const FolderEntry& entry) {
    if (common < entry.name.size()) return int{static_cast<unsigned char>(entry.name[common])};
    return entry.kind == FolderEntry::Kind::folder ? int{'/'} : -1;
  };
  return next(left) < next(right);
}

}  // namespace

Result<std::vector<FolderEntry>> list_folder(int folder) {
  // A description of its own, so that two listings of one folder do not share a position.
  const int descriptor = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error(errno, "listing a folder of the store");
  const std::unique_ptr<DIR, CloseFolder> stream(::fdopendir(descriptor));
  if (!stream) {
    const Error error = system_error(errno, "listing a folder of the store");
    ::close(descriptor);
    return error;
  }
  std::vector<FolderEntry> entries;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr && errno == ENOENT) break;  // removed meanwhile
    if (entry == nullptr && errno != 0) {
      return system_error(errno, "listing a folder of the store");
    }
    if (entry == nullptr) break;
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    entries.push_back({std::move(name), kind_of(folder, *entry)});
  }
  std::sort(entries.begin(), entries.end(), comes_before);
  return entries;
}

}  // namespace pacs::storage
