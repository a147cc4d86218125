#include "storage/tombstone_files.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "storage/blob_store.h"
#include "storage/folder_listing.h"
#include "storage/open_below.h"

namespace pacs::storage {
namespace {

constexpr unsigned kTombstoneMode = 0600;
constexpr std::string_view kEnding = ".json";

std::string file_of(std::string_view name) { return std::string(name) + std::string(kEnding); }

}  // namespace

// A new file beside it takes the name once it is whole and synced.
Result<void> TombstoneFiles::write(std::string_view name, std::string_view text) {
  PACS_TRY(check_tombstone(name, text));
  PACS_TRY(syncs_.check());
  const std::string temporary = std::string(name) + ".new";
  const auto write_temporary = [&]() -> Result<void> {
    const int descriptor =
        ::openat(folder_.get(), temporary.c_str(),
                 O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, kTombstoneMode);
    if (descriptor < 0) return system_error(errno, "writing a tombstone");
    const UniqueFd file(descriptor);
    PACS_TRY(write_all(file.get(), as_bytes(text)));
    return syncs_.sync_file(file.get());
  };
  Result<void> written = write_temporary();
  if (written &&
      ::renameat(folder_.get(), temporary.c_str(), folder_.get(), file_of(name).c_str()) != 0) {
    written = system_error(errno, "writing a tombstone");
  }
  if (!written) {
    ::unlinkat(folder_.get(), temporary.c_str(), 0);
    return written;
  }
  return syncs_.sync(folder_.get());
}

Result<std::string> TombstoneFiles::read(std::string_view name) const {
  PACS_TRY(check_tombstone(name, {}));
  Result<UniqueFd> file = open_below(folder_.get(), file_of(name), O_RDONLY);
  if (!file && file.error().code == ErrorCode::not_found) {
    return not_found("no_such_tombstone", "there is no tombstone of this name");
  }
  if (!file) return std::move(file).error();
  std::string text(kTombstoneBytesMax + 1, '\0');
  text.resize(PACS_TRY(read_at(file->get(), 0, std::as_writable_bytes(std::span(text)))));
  if (text.size() > kTombstoneBytesMax) {
    return corrupt("bad_tombstone", "a tombstone is larger than any that is written");
  }
  return text;
}

Result<void> TombstoneFiles::remove(std::string_view name) {
  PACS_TRY(check_tombstone(name, {}));
  PACS_TRY(syncs_.check());
  if (::unlinkat(folder_.get(), file_of(name).c_str(), 0) != 0 && errno != ENOENT) {
    return system_error(errno, "removing a tombstone");
  }
  return syncs_.sync(folder_.get());
}

// What a crash has left half written does not end like a tombstone.
Result<std::vector<std::string>> TombstoneFiles::names() const {
  std::vector<std::string> names;
  for (const FolderEntry& entry : PACS_TRY(list_folder(folder_.get()))) {
    if (entry.kind != FolderEntry::Kind::file || !entry.name.ends_with(kEnding)) continue;
    std::string name = entry.name.substr(0, entry.name.size() - kEnding.size());
    if (check_tombstone(name, {})) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace pacs::storage
