#include "cli/backup_run.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "access/scope_maker.h"
#include "cli/backup_bucket.h"
#include "cli/backup_folder.h"
#include "cli/bucket_settings.h"
#include "cli/checked_copy.h"
#include "cli/primary_store.h"
#include "cli/version.h"
#include "index/index_copy.h"

namespace pacs::cli {
namespace {

namespace fs = std::filesystem;

// Images that are deleted for good while they are copied make the index be copied again, so that it
// names what is there alone. Who deletes all the time gets the last one.
constexpr int kRoundsMax = 3;
constexpr size_t kKeysAtOnce = 256;

// Through symbolic links, also of what does not exist yet.
fs::path real_path(const std::string& path) {
  std::error_code error;
  fs::path real = fs::weakly_canonical(path, error);
  if (error) real = fs::path(path).lexically_normal();
  return real.has_filename() ? real : real.parent_path();
}

bool is_within(const fs::path& inner, const fs::path& outer) {
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

// Keys of a store that no image has.
struct Strays final : storage::BlobVisitor {
  explicit Strays(index::StoredImages& the_rows) : rows(the_rows) {}
  storage::Visit blob(const storage::ListedBlob& blob) override {
    const auto is_named = rows.names(blob.key);
    if (!is_named) {
      error = is_named.error();
      return storage::Visit::stop;
    }
    if (!*is_named) keys.push_back(blob.key);
    return keys.size() < kKeysAtOnce ? storage::Visit::go_on : storage::Visit::stop;
  }

  index::StoredImages& rows;
  std::vector<ObjectKey> keys;
  std::optional<Error> error;
};

}  // namespace

// Where images are read from. A store that cannot be opened is asked once, not for each image.
class BackupRun::Sources {
 public:
  explicit Sources(std::unique_ptr<storage::BlobStore> primary) : stores_(std::move(primary)) {}

  void open_others_with(archive::Stores::Opener opener) {
    stores_.open_others_with(std::move(opener));
  }

  [[nodiscard]] Result<storage::BlobStore*> of(const index::StoredImage& image) {
    const std::lock_guard lock(mutex_);
    auto known = found_.find(image.store);
    if (known == found_.end()) {
      known = found_.emplace(image.store, stores_.find(image.store)).first;
    }
    const Result<storage::BlobStore*>& store = known->second;
    if (!store) return store.error();
    return *store;
  }

  // All that could be opened.
  [[nodiscard]] std::vector<storage::BlobStore*> all() const {
    std::vector<storage::BlobStore*> stores = {&stores_.primary()};
    for (const auto& [name, store] : found_) {
      if (store && *store != stores.front()) stores.push_back(*store);
    }
    return stores;
  }

 private:
  archive::Stores stores_;
  std::mutex mutex_;
  std::map<std::string, Result<storage::BlobStore*>> found_;  // guarded by mutex_
};

Error BackupRun::at_target(Error error) const {
  if (error.code == ErrorCode::resource_exhausted) {
    error.detail += ", in " + room_ +
                    ". Make room there and run this again: it goes on from here. A backup that was "
                    "there before is as it was";
  }
  return error;
}

Result<void> BackupRun::check_folder() const {
  const fs::path backup = real_path(order_.folder);
  std::vector<std::pair<std::string, std::string>> own = {{"the data folder", paths_.folder}};
  if (settings_.storage == StorageBackend::filesystem) {
    own.emplace_back("MEDIA_ROOT", settings_.media.root);
  }
  for (const auto& [name, path] : own) {
    const fs::path place = real_path(path);
    if (!is_within(backup, place) && !is_within(place, backup)) continue;
    return invalid_argument("backup_inside",
                            "the folder of the backup and " + name + " (" + place.string() +
                                ") lie one within the other; name a folder of its own, on another "
                                "disk. Nothing was changed");
  }
  return {};
}

Result<std::unique_ptr<BackupPlace>> BackupRun::open_place(const std::string& archive_id) {
  if (order_.bucket_settings.empty()) {
    room_ = "the folder " + order_.folder + " where the backup goes";
    return at_target(BackupFolder::open_to_write(order_.folder));
  }
  const Settings bucket =
      PACS_TRY(read_bucket_settings(order_.bucket_settings, settings_.data_folder));
  room_ = "the data folder " + paths_.folder + ", through which a backup goes into a bucket";
  return at_target(BackupBucket::open_to_write(bucket, archive_id, clock_));
}

Result<std::unique_ptr<storage::BlobStore>> BackupRun::open_source(const std::string& archive_id) {
  const Error stranger =
      conflict("store_of_another",
               "the index belongs to archive " + archive_id +
                   ", and the image store does not: is its disk mounted, is MEDIA_ROOT the right "
                   "folder? Nothing was backed up");
  // Asked before anything is made in a folder where a disk should be mounted.
  std::error_code error;
  if (settings_.storage == StorageBackend::filesystem &&
      !fs::exists(settings_.media.root + "/.pacs-lite/archive-id", error)) {
    return stranger;
  }
  auto store = PACS_TRY(others_.open(to_string(settings_.storage)));
  const auto stored = PACS_TRY(store->read_archive_id());
  if (!stored || *stored != archive_id) return stranger;
  return store;
}

Result<std::unique_ptr<storage::BlobStore>> BackupRun::open_target(
    BackupPlace& place, const std::string& archive_id) const {
  auto images = PACS_TRY(at_target(place.open_images()));
  Result<void> marked = images->write_archive_id(archive_id);
  if (!marked && marked.error().reason == "other_archive_id") {
    return conflict("other_backup", place.title() +
                                        " holds the backup of another archive; name another one. "
                                        "Nothing was changed");
  }
  PACS_TRY(at_target(std::move(marked)));
  return images;
}

Result<void> BackupRun::copy_all(BackupPlace& place, Sources& sources, storage::BlobStore& to) {
  BackupManifest& manifest = outcome_.manifest;
  manifest.taken_at = clock_.now();
  manifest.index.name = backup_index_name(manifest.taken_at);
  report_.say("copying the index");
  const fs::path copy = place.local_index(manifest.index.name);
  PACS_TRY(at_target(index::copy_index(fs::path(paths_.index), copy)));
  const FileDigest digest = PACS_TRY(at_target(place.keep_index(manifest.index.name)));
  manifest.index.size_bytes = digest.size_bytes;
  manifest.index.sha256 = digest.sha256;

  const auto images = PACS_TRY(index::StoredImages::open(copy, access::ScopeMaker::of_server()));
  const index::StoredImages::Totals totals = PACS_TRY(images->totals());
  manifest.schema_version = images->schema_version();
  manifest.images = totals.images;
  manifest.size_bytes = totals.size_bytes;
  report_.expect(totals);

  archive::ImageCopyOptions options;
  options.bytes_per_second_max = order_.bytes_per_second_max;
  options.present =
      order_.rereads_copies ? archive::PresentCopy::by_bytes : archive::PresentCopy::by_attributes;
  options.is_wanted = [&](const index::StoredImage& image) { return live_->is_stored(image); };
  options.on_finding = [&](const archive::ImageCopyFinding& finding) { report_.find(finding); };
  options.on_progress = [&](const archive::ImageCopyCounts& counts) { report_.show(counts); };
  const archive::ImageCopyCounts counts = PACS_TRY(at_target(archive::copy_images(
      *images, [&](const index::StoredImage& image) { return sources.of(image); }, to, clock_,
      options)));
  const archive::ImageCopyCounts before = std::exchange(outcome_.counts, counts);
  outcome_.counts.copied += before.copied;
  outcome_.counts.copied_bytes += before.copied_bytes;
  manifest.faulty_images = counts.findings;
  return {};
}

// What is not there was never made: the first token may have been removed once it was noted down.
Result<void> BackupRun::copy_secrets(BackupPlace& place) {
  for (const std::string* path : {&paths_.signing_keys, &paths_.receipt_key, &paths_.admin_token}) {
    const std::string name = fs::path(*path).filename().string();
    const auto copied = at_target(place.keep_secret(name, *path));
    if (!copied && copied.error().code == ErrorCode::not_found) continue;
    if (!copied) return copied.error();
    outcome_.manifest.secrets.push_back({name, copied->size_bytes, copied->sha256});
  }
  return {};
}

// After the manifest, so that nothing that an older index names goes before that one has gone.
Result<void> BackupRun::prune(const BackupPlace& place, storage::BlobStore& images) {
  const auto rows = PACS_TRY(index::StoredImages::open(
      place.local_index(outcome_.manifest.index.name), access::ScopeMaker::of_server()));
  storage::ListRequest request;
  for (bool is_done = false; !is_done;) {
    Strays strays(*rows);
    PACS_TRY(images.list(request, strays));
    if (strays.error) return std::move(*strays.error);
    for (const ObjectKey& key : strays.keys) PACS_TRY(images.remove(key));
    outcome_.pruned += strays.keys.size();
    is_done = strays.keys.size() < kKeysAtOnce;
    if (!is_done) request.after = strays.keys.back();
  }
  outcome_.was_pruned = true;
  return {};
}

Result<BackupOutcome> BackupRun::run() {
  if (order_.bucket_settings.empty()) PACS_TRY(check_folder());
  PACS_TRY(check_no_restore(paths_));
  live_ = PACS_TRY(index::StoredImages::open(paths_.index, access::ScopeMaker::of_server()));
  BackupManifest& manifest = outcome_.manifest;
  manifest.archive_id = PACS_TRY(live_->archive_id());
  manifest.program_version = kVersion;
  Sources sources(PACS_TRY(open_source(manifest.archive_id)));
  sources.open_others_with([&](std::string_view name) {
    return others_.open(name, [&]() -> Result<std::optional<std::string>> {
      return std::optional(manifest.archive_id);
    });
  });
  manifest.store = to_string(settings_.storage);

  const auto place = PACS_TRY(open_place(manifest.archive_id));
  const auto to = PACS_TRY(open_target(*place, manifest.archive_id));
  const auto last = PACS_TRY(place->find_manifest());
  PACS_TRY(place->remove_other_indexes(last ? last->index.name : std::string()));
  for (int round = 0; round < kRoundsMax; ++round) {
    PACS_TRY(copy_all(*place, sources, *to));
    if (outcome_.counts.removed == 0) break;
  }
  report_.say("copying the rest");
  PACS_TRY(at_target(archive::copy_tombstones(sources.all(), *to)));
  PACS_TRY(copy_secrets(*place));
  manifest.finished_at = clock_.now();
  PACS_TRY(at_target(place->write_manifest(manifest)));
  PACS_TRY(place->remove_other_indexes(manifest.index.name));
  // An index that has lost images must not take their last copies along.
  if (order_.prunes && outcome_.counts.findings == 0) PACS_TRY(prune(*place, *to));
  return std::move(outcome_);
}

}  // namespace pacs::cli
