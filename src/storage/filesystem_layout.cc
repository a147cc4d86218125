#include "storage/filesystem_layout.h"

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/text.h"
#include "core/uuid.h"
#include "storage/open_below.h"

namespace pacs::storage {
namespace {

// Set-group-id as on the root, so that what is staged here has the group that it will need there.
constexpr unsigned kOwnFolderMode = 02700;
constexpr unsigned kOwnFileMode = 0600;
constexpr unsigned kRootModeBits = 07777;
constexpr uint64_t kSmallFileBytesMax = 256;
constexpr const char* kVersionFile = "layout-version";
constexpr const char* kArchiveIdFile = "archive-id";

Error bad_media_root(std::string_view detail) { return invalid_argument("bad_media_root", detail); }

Result<UniqueFd> make_own_folder(int parent, const char* name) {
  const bool made = ::mkdirat(parent, name, kOwnFolderMode) == 0;
  if (!made && errno != EEXIST) return system_error(errno, "making a folder in MEDIA_ROOT");
  Result<UniqueFd> folder = open_folder_below(parent, name);
  if (!folder && folder.error().code == ErrorCode::not_found) {
    return bad_media_root(
        "in .pacs-lite, a symbolic link or a file stands in the place of a folder");
  }
  if (!folder) return folder;
  if (made) {
    const struct ::stat status = PACS_TRY(stat_open(folder->get()));
    if ((status.st_mode & kRootModeBits) != kOwnFolderMode &&
        ::fchmod(folder->get(), kOwnFolderMode) != 0) {
      return system_error(errno, "setting the mode of a folder in MEDIA_ROOT");
    }
  }
  PACS_TRY(sync_to_disk(parent, "a folder in MEDIA_ROOT"));
  return folder;
}

Result<UniqueFd> open_root(const std::string& root, unsigned folder_mode) {
  if (root.empty()) return bad_media_root("MEDIA_ROOT is empty");
  std::filesystem::path path(root);
  if (!path.has_filename()) path = path.parent_path();  // "media/"
  const bool made = ::mkdir(path.c_str(), folder_mode) == 0;
  if (!made && errno != EEXIST) {
    if (errno == ENOENT) return bad_media_root("the folder above MEDIA_ROOT does not exist");
    if (errno == ENOTDIR)
      return bad_media_root("MEDIA_ROOT lies below something that is no folder");
    return system_error(errno, "making MEDIA_ROOT");
  }
  Result<UniqueFd> folder = open_file(path, O_RDONLY | O_DIRECTORY, 0, "opening MEDIA_ROOT");
  if (!folder && folder.error().code == ErrorCode::not_found) {
    return bad_media_root("MEDIA_ROOT is not a folder");
  }
  if (!folder || !made) return folder;
  if (::fchmod(folder->get(), folder_mode) != 0) {
    return system_error(errno, "setting the mode of MEDIA_ROOT");
  }
  const std::string above = path.has_parent_path() ? path.parent_path().string() : ".";
  const UniqueFd parent =
      PACS_TRY(open_file(above, O_RDONLY | O_DIRECTORY, 0, "opening the folder above MEDIA_ROOT"));
  PACS_TRY(sync_to_disk(parent.get(), "the folder above MEDIA_ROOT"));
  return folder;
}

// The file's text without the end of line; nothing when there is no such file.
Result<std::optional<std::string>> read_line(int folder, const char* name) {
  const Result<UniqueFd> file = open_below(folder, name, O_RDONLY);
  if (!file && file.error().code == ErrorCode::not_found) return std::optional<std::string>();
  if (!file) return file.error();
  std::string text(kSmallFileBytesMax, '\0');
  text.resize(PACS_TRY(read_at(file->get(), 0, std::as_writable_bytes(std::span(text)))));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return std::optional<std::string>(std::move(text));
}

// Durable and whole, or not there: never replaces a file. `already_exists`.
Result<void> create_line(int folder, const char* name, std::string_view line) {
  const int descriptor = ::openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, kOwnFileMode);
  if (descriptor < 0) return system_error(errno, "writing a file in MEDIA_ROOT");
  const UniqueFd file(descriptor);
  PACS_TRY(write_all(file.get(), as_bytes(std::string(line) + "\n")));
  PACS_TRY(sync_to_disk(file.get(), "a file in MEDIA_ROOT"));
  PACS_TRY(link_open_file(file.get(), folder, name));
  return sync_to_disk(folder, "a folder in MEDIA_ROOT");
}

Result<void> check_version(int own_folder) {
  const std::optional<std::string> line = PACS_TRY(read_line(own_folder, kVersionFile));
  if (!line) {
    Result<void> created =
        create_line(own_folder, kVersionFile, std::to_string(FilesystemLayout::kVersion));
    if (!created && created.error().code == ErrorCode::internal) {
      return unsupported("no_unnamed_files",
                         "the filesystem of MEDIA_ROOT has no O_TMPFILE: use ext4, XFS or btrfs");
    }
    return created;
  }
  const std::optional<uint64_t> version = parse_unsigned(*line);
  if (!version)
    return corrupt("bad_layout_version", "the layout version in MEDIA_ROOT is no number");
  if (*version <= FilesystemLayout::kVersion) return {};
  return unsupported("newer_layout", "MEDIA_ROOT was written by a newer version of this program");
}

}  // namespace

Result<FilesystemLayout> open_layout(const std::string& root, unsigned folder_mode) {
  FilesystemLayout layout;
  layout.root = PACS_TRY(open_root(root, folder_mode));
  layout.own = PACS_TRY(make_own_folder(layout.root.get(), ".pacs-lite"));
  layout.staging = PACS_TRY(make_own_folder(layout.own.get(), "staging"));
  layout.quarantine = PACS_TRY(make_own_folder(layout.own.get(), "quarantine"));
  layout.tombstones = PACS_TRY(make_own_folder(layout.own.get(), "tombstones"));
  PACS_TRY(check_version(layout.own.get()));
  return layout;
}

Result<std::optional<std::string>> read_archive_id(int own_folder) {
  std::optional<std::string> id = PACS_TRY(read_line(own_folder, kArchiveIdFile));
  if (!id) return id;
  const std::optional<Uuid> uuid = Uuid::parse(*id);
  if (uuid && uuid->str() == *id) return id;
  return corrupt("bad_archive_id", "the archive id in MEDIA_ROOT is not one");
}

Result<void> write_archive_id(int own_folder, std::string_view archive_id) {
  const std::optional<Uuid> uuid = Uuid::parse(archive_id);
  if (!uuid || uuid->str() != archive_id) {
    return invalid_argument("bad_archive_id", "an archive id is a UUID in lower case");
  }
  Result<void> created = create_line(own_folder, kArchiveIdFile, archive_id);
  if (created || created.error().code != ErrorCode::already_exists) return created;
  const std::optional<std::string> there = PACS_TRY(read_archive_id(own_folder));
  if (there && *there == archive_id) return sync_to_disk(own_folder, "a folder in MEDIA_ROOT");
  return already_exists("other_archive_id", "this store belongs to another archive");
}

}  // namespace pacs::storage
