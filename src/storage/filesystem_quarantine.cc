#include "storage/filesystem_quarantine.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/blob_hash.h"
#include "storage/open_below.h"
#include "storage/quarantine_name.h"

namespace pacs::storage {
namespace {
constexpr unsigned kQuarantinedFileMode = 0400;
}  // namespace

Result<std::string> FilesystemQuarantine::link(int file, const BlobAttributes& attributes,
                                               const Sha256Digest& sha256) {
  return place(quarantine_origin(attributes), sha256,
               quarantine_description("", attributes.to_json()),
               [&](const std::string& name) { return link_open_file(file, folder_.get(), name); });
}

Result<std::string> FilesystemQuarantine::take(int from, const std::string& filename,
                                               std::string_view key,
                                               const BlobAttributes& attributes,
                                               const Sha256Digest& sha256) {
  return place(key, sha256, quarantine_description(key, attributes.to_json()),
               [&](const std::string& name) { return move_here(from, filename, name); });
}

Result<std::string> FilesystemQuarantine::take_unread(int from, const std::string& filename,
                                                      std::string_view path,
                                                      const BlobAttributes& attributes) {
  std::string name = random_name();
  PACS_TRY(describe(name, quarantine_description(path, attributes.to_json())));
  PACS_TRY(move_here(from, filename, name));
  PACS_TRY(syncs_.sync(folder_.get()));
  return name;
}

// A rename, not a link: an adopted file of another owner may not be linked.
Result<void> FilesystemQuarantine::move_here(int from, const std::string& filename,
                                             const std::string& name) {
  if (::renameat2(from, filename.c_str(), folder_.get(), name.c_str(), RENAME_NOREPLACE) == 0) {
    return {};
  }
  return system_error(errno, "moving a file to the quarantine");
}

Result<std::string> FilesystemQuarantine::place(std::string_view origin, const Sha256Digest& sha256,
                                                const std::string& description,
                                                const Place& place) {
  PACS_TRY(syncs_.check());
  for (unsigned attempt = 0; attempt < kQuarantineNamesMax; ++attempt) {
    std::string name = quarantine_name(origin, sha256, attempt);
    bool is_here = holds(name, sha256);
    if (!is_here) {
      PACS_TRY(describe(name, description));
      const Result<void> placed = place(name);
      if (!placed && placed.error().code != ErrorCode::already_exists) return placed.error();
      // Of two that come at once, one is second.
      is_here = placed || holds(name, sha256);
    }
    if (!is_here) continue;
    // Also of what was here before: its name may not have been synced before a kill.
    PACS_TRY(syncs_.sync(folder_.get()));
    return name;
  }
  return already_exists(
      "quarantine_taken",
      "the names that these bytes have in the quarantine are all taken by others");
}

bool FilesystemQuarantine::holds(const std::string& name, const Sha256Digest& sha256) const {
  const Result<UniqueFd> file = open_below(folder_.get(), name, O_RDONLY);
  if (!file) return false;
  const Result<Sha256Digest> found = hash_of_file(file->get());
  return found && *found == sha256;
}

// Writes {name}.json, synced but for its entry in the folder. One that is there already, of the
// same bytes, stays. Without its file it is a stray that does no harm.
Result<void> FilesystemQuarantine::describe(const std::string& name,
                                            const std::string& description) {
  const int descriptor =
      ::openat(folder_.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, kQuarantinedFileMode);
  if (descriptor < 0) return system_error(errno, "writing to the quarantine");
  const UniqueFd file(descriptor);
  PACS_TRY(write_all(file.get(), as_bytes(description)));
  PACS_TRY(syncs_.sync_file(file.get()));
  Result<void> linked = link_open_file(file.get(), folder_.get(), name + ".json");
  if (!linked && linked.error().code == ErrorCode::already_exists) return {};
  return linked;
}

}  // namespace pacs::storage
