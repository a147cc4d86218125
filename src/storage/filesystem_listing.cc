#include "storage/filesystem_listing.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "storage/folder_listing.h"
#include "storage/open_below.h"

namespace pacs::storage {
namespace {

constexpr size_t kFoldersAboveBlob = 4;  // radiology, study, series, image

class Walk {
 public:
  Walk(const ListRequest& request, BlobVisitor& visitor) : request_(request), visitor_(visitor) {}

  // `path` is the open folder's, with a "/" at its end; `depth` counts its parts.
  Result<Visit> folder(int folder, const std::string& path, size_t depth) {
    for (const FolderEntry& entry : PACS_TRY(list_folder(folder))) {
      const bool is_folder = entry.kind == FolderEntry::Kind::folder;
      std::string below = path + entry.name;
      if (is_folder && depth < kFoldersAboveBlob && entry.name[0] != '.') {
        below += '/';
        if (PACS_TRY(subfolder(folder, entry.name, below, depth)) == Visit::stop) {
          return Visit::stop;
        }
        continue;
      }
      const bool is_file = entry.kind == FolderEntry::Kind::file && depth == kFoldersAboveBlob;
      const std::optional<ObjectKey> key = is_file ? ObjectKey::parse(below) : std::nullopt;
      if (entry.kind == FolderEntry::Kind::symbolic_link) {
        visitor_.symbolic_link(below);
      } else if (!key) {
        visitor_.foreign(below);
      } else if (file(folder, entry.name, *key) == Visit::stop) {
        return Visit::stop;
      }
    }
    return Visit::go_on;
  }

 private:
  Result<Visit> subfolder(int parent, const std::string& name, const std::string& path,
                          size_t depth) {
    if (!may_hold_wanted(path)) return Visit::go_on;
    const Result<UniqueFd> opened = open_folder_below(parent, name);
    if (!opened && opened.error().code == ErrorCode::not_found) return Visit::go_on;
    if (!opened) return opened.error();
    return folder(opened->get(), path, depth + 1);
  }

  Visit file(int folder, const std::string& name, const ObjectKey& key) {
    if (!key.str().starts_with(request_.prefix)) return Visit::go_on;
    if (request_.after && key <= *request_.after) return Visit::go_on;
    struct ::stat status {};
    // Removed meanwhile.
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return Visit::go_on;
    const UnixMillis modified_at =
        int64_t{status.st_mtim.tv_sec} * 1000 + status.st_mtim.tv_nsec / 1'000'000;
    return visitor_.blob({key, static_cast<uint64_t>(status.st_size), modified_at});
  }

  bool may_hold_wanted(const std::string& path) const {
    const std::string& prefix = request_.prefix;
    const size_t common = std::min(path.size(), prefix.size());
    if (path.compare(0, common, prefix, 0, common) != 0) return false;
    if (!request_.after) return true;
    const std::string& after = request_.after->str();
    return after.starts_with(path) || path > after;
  }

  const ListRequest& request_;
  BlobVisitor& visitor_;
};

}  // namespace

Result<void> list_blobs(int root, const ListRequest& request, BlobVisitor& visitor) {
  const std::string top(ObjectKey::kRoot);
  const Result<UniqueFd> folder = open_folder_below(root, top);
  if (!folder && folder.error().code == ErrorCode::not_found) return {};  // nothing stored yet
  if (!folder) return folder.error();
  PACS_TRY(Walk(request, visitor).folder(folder->get(), top + "/", 1));
  return {};
}

}  // namespace pacs::storage
