#include "cli/restore_run.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "access/audit_lines.h"
#include "access/scope_maker.h"
#include "cli/checked_copy.h"
#include "cli/left_out_ids.h"
#include "cli/primary_store.h"
#include "core/file.h"
#include "core/json_writer.h"
#include "index/archive_state.h"
#include "index/database.h"
#include "index/store_copies.h"
#include "index/stored_images.h"

namespace pacs::cli {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kRestoredFileMode = 0600;
constexpr uint64_t kMarkerBytesMax = 64 * 1024;  // a path and two short texts
// What was stored between the backup and the loss is forgotten, but others may know its numbers:
// ten days of an archive that takes in 100,000 images a day.
constexpr int64_t kIdsLeftOutAfterRestore = 1'000'000;
constexpr std::string_view kRestoreAction = "archive.restore_backup";
constexpr std::string_view kRestoredState = "restored_from_backup_of";

// Something that is neither a filesystem's own nor left by a try that has begun nothing yet.
std::optional<std::string> first_entry(const std::string& folder) {
  static constexpr std::array<std::string_view, 4> kNothing = {"lost+found", "lock", "staging",
                                                               "restore-begun.json.new"};
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (std::find(kNothing.begin(), kNothing.end(), name) == kNothing.end()) return name;
  }
  return std::nullopt;
}

Error not_empty(const std::string& what, const std::string& folder, const std::string& entry) {
  return conflict("place_not_empty",
                  what + " " + folder + " is not empty (there is \"" + entry +
                      "\"). A backup is restored into an empty place alone: move what is there "
                      "away, or set PACS_LITE_DATA and MEDIA_ROOT to empty folders. Nothing was "
                      "changed");
}

Error no_backup(const std::string& title) {
  return not_found("no_backup", title +
                                    " holds no whole backup: there is no backup.json. Was the "
                                    "backup that was to write it cut? Run that again, or take an "
                                    "older one");
}

Error damaged_index() {
  return corrupt("backup_index_damaged",
                 "the copy of the index in the backup is not what its backup.json says: it is "
                 "damaged. Take another backup; or make the index from the backup's images: "
                 "docs/operations.md, \"The index of a backup is damaged\". Nothing was changed");
}

}  // namespace

Result<void> RestoreRun::check_backup() const {
  report_.say("reading the backup's index");
  const BackupManifest& manifest = outcome_.manifest;
  const auto digest = backup_.digest_of_index(manifest.index.name);
  if (!digest && digest.error().code != ErrorCode::not_found) return digest.error();
  if (!digest || digest->sha256 != manifest.index.sha256) return damaged_index();
  return {};
}

std::string RestoreRun::marker_text() const {
  JsonWriter json;
  json.begin_object();
  json.member("archive_id", outcome_.manifest.archive_id);
  json.member("taken_at", to_rfc3339(outcome_.manifest.taken_at));
  json.member("media_root", settings_.media.root);
  json.end_object();
  return json.take() + "\n";
}

bool RestoreRun::was_begun_here() const {
  const auto text = read_file(paths_.restore_marker, kMarkerBytesMax);
  return text && *text == marker_text();
}

Result<void> RestoreRun::check_place() const {
  const auto owner = find_owner(paths_);
  if (owner && *owner) {
    return unavailable("data_folder_in_use", "a server runs on the data folder " + paths_.folder +
                                                 " (pid " + (*owner)->process_id +
                                                 "); stop it first. Nothing was changed");
  }
  if (was_begun_here()) return {};
  if (const auto entry = first_entry(paths_.folder)) {
    return not_empty("the data folder", paths_.folder, *entry);
  }
  if (settings_.storage != StorageBackend::filesystem) return {};
  if (const auto entry = first_entry(settings_.media.root)) {
    return not_empty("MEDIA_ROOT", settings_.media.root, *entry);
  }
  return {};
}

// Of an object store, which is opened with the data folder.
Result<void> RestoreRun::check_bucket() const {
  if (settings_.storage == StorageBackend::filesystem || was_begun_here()) return {};
  const auto store = PACS_TRY(PrimaryStore::open(settings_));
  struct First final : storage::BlobVisitor {
    storage::Visit blob(const storage::ListedBlob& blob) override {
      entry = blob.key.str();
      return storage::Visit::stop;
    }
    void foreign(std::string_view path) override { entry = path; }
    std::string entry;
  } first;
  PACS_TRY(store->blobs->list({}, first));
  if (PACS_TRY(store->blobs->read_archive_id())) first.entry = "the id of an archive";
  if (first.entry.empty()) return {};
  return not_empty("the bucket", settings_.s3.bucket, first.entry);
}

// The log of an index that an earlier try has put there would be taken for one of the new file.
Result<void> RestoreRun::put_index_in_place() const {
  report_.say("copying the index");
  for (const char* suffix : {"-wal", "-shm", ""}) {
    if (::unlink((paths_.index + suffix).c_str()) != 0 && errno != ENOENT) {
      return system_error(errno, "removing the index of a restore that was cut");
    }
  }
  const FileDigest copied =
      PACS_TRY(backup_.fetch_index(outcome_.manifest.index.name, paths_.index));
  if (copied.sha256 != outcome_.manifest.index.sha256) return damaged_index();
  return {};
}

// Brings the schema up to date too, and leaves no log behind. The images are all in one store now.
// The tombstones are written from the index when a server starts: the backup's own may know of
// removals that came after it.
Result<void> RestoreRun::prepare_index() const {
  index::DatabaseOptions options;
  options.started_at = clock_.now();
  const auto database = PACS_TRY(index::Database::open(paths_.index, options));
  index::ArchiveState state(*database);
  const index::AuditLine line = access::system_audit_line(kRestoreAction, clock_);
  PACS_TRY(leave_out_ids(state, kIdsLeftOutAfterRestore, line));
  PACS_TRY(index::place_all_in(*database, to_string(settings_.storage), line));
  return state.set(kRestoredState, to_rfc3339(outcome_.manifest.taken_at), line);
}

// A damaged key is worth nothing: the server makes a new one.
Result<void> RestoreRun::copy_secrets() {
  for (const BackedUpFile& secret : outcome_.manifest.secrets) {
    const auto digest = backup_.digest_of_secret(secret.name);
    if (!digest && digest.error().code != ErrorCode::not_found) return digest.error();
    if (!digest || digest->sha256 != secret.sha256) {
      outcome_.damaged_secrets.push_back(secret.name);
      continue;
    }
    PACS_TRY(backup_.fetch_secret(secret.name, paths_.folder + "/" + secret.name));
  }
  return {};
}

Result<void> RestoreRun::copy_images() {
  const auto from = PACS_TRY(backup_.open_images());
  const auto to = PACS_TRY(PrimaryStore::open(settings_));
  PACS_TRY(to->blobs->write_archive_id(outcome_.manifest.archive_id));
  // Not the backup's own copy: it may have the schema of an older program.
  const auto images =
      PACS_TRY(index::StoredImages::open(paths_.index, access::ScopeMaker::of_server()));
  report_.expect(PACS_TRY(images->totals()));
  archive::ImageCopyOptions options;
  options.on_finding = [&](const archive::ImageCopyFinding& finding) { report_.find(finding); };
  options.on_progress = [&](const archive::ImageCopyCounts& counts) { report_.show(counts); };
  const auto source_of = [&](const index::StoredImage&) -> Result<storage::BlobStore*> {
    return from.get();
  };
  outcome_.counts = PACS_TRY(archive::copy_images(*images, source_of, *to->blobs, clock_, options));
  return {};
}

Result<void> RestoreRun::remove_marker() const {
  if (::unlink(paths_.restore_marker.c_str()) != 0) {
    return system_error(errno, "ending the restore");
  }
  const UniqueFd folder =
      PACS_TRY(open_file(paths_.folder, O_RDONLY | O_DIRECTORY, 0, "opening the data folder"));
  return sync_to_disk(folder.get(), "the data folder");
}

Result<RestoreOutcome> RestoreRun::run() {
  const auto manifest = PACS_TRY(backup_.find_manifest());
  if (!manifest) return no_backup(backup_.title());
  outcome_.manifest = *manifest;
  PACS_TRY(check_backup());
  PACS_TRY(check_place());

  const DataFolder owned = PACS_TRY(DataFolder::open(paths_.folder));
  PACS_TRY(check_bucket());
  PACS_TRY(replace_file(paths_.restore_marker, as_bytes(marker_text()), kRestoredFileMode));
  PACS_TRY(put_index_in_place());
  PACS_TRY(prepare_index());
  PACS_TRY(copy_secrets());
  PACS_TRY(copy_images());
  PACS_TRY(remove_marker());
  return std::move(outcome_);
}

}  // namespace pacs::cli
