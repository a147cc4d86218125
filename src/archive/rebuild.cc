#include "archive/rebuild.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "archive/file_description.h"
#include "archive/staged_access.h"
#include "core/assert.h"
#include "storage/blob_hash.h"

namespace pacs::archive {
namespace {

constexpr size_t kStudiesWaitingMax = 64;  // keys alone: the listing need not wait for each
constexpr size_t kBatchImagesMax = 64;     // one commit for as many; their metadata is in memory

constexpr size_t kStudyPart = 1;  // of a key, behind its root

// What concerns one blob and not the run.
bool is_finding(const Error& error) {
  return error.code == ErrorCode::conflict || error.code == ErrorCode::invalid_argument ||
         error.code == ErrorCode::unsupported || error.code == ErrorCode::corrupt ||
         error.code == ErrorCode::not_found;
}

}  // namespace

struct RebuildService::Described {
  ObjectKey key;
  index::Ingest ingest;
  BlobRecord record;
};

// What the threads of one run share: studies that wait, what was counted, the error that ends it.
struct RebuildService::Run {
  explicit Run(const RebuildOptions& the_options) : options(the_options) {}

  const RebuildOptions& options;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::deque<std::vector<ObjectKey>> studies;
  bool is_listed = false;
  std::optional<Error> error;
  RebuildCounts counts;

  // False when the run has failed.
  bool push(std::vector<ObjectKey> keys) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return error || studies.size() < kStudiesWaitingMax; });
    if (error) return false;
    studies.push_back(std::move(keys));
    changed.notify_all();
    return true;
  }

  std::optional<std::vector<ObjectKey>> pop() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return error || is_listed || !studies.empty(); });
    if (error || studies.empty()) return std::nullopt;
    std::vector<ObjectKey> keys = std::move(studies.front());
    studies.pop_front();
    changed.notify_all();
    return keys;
  }

  void end_of_list() {
    const std::lock_guard lock(mutex);
    is_listed = true;
    changed.notify_all();
  }

  void fail(Error reason) {
    const std::lock_guard lock(mutex);
    if (!error) error = std::move(reason);
    changed.notify_all();
  }

  void find(const std::string& place, const Error& what) {
    const std::lock_guard lock(mutex);
    ++counts.findings;
    options.on_finding({place, what.reason, what.detail});
  }

  void count(uint64_t images, uint64_t bytes, uint64_t known) {
    const std::lock_guard lock(mutex);
    counts.images += images;
    counts.bytes += bytes;
    counts.known += known;
    options.on_progress(counts);
  }
};

RebuildService::RebuildService(storage::BlobStore& store, index::Database& database,
                               index::Scope archive_scope, const Clock& clock,
                               RebuildOptions options)
    : store_(store),
      ingests_(database),
      images_(database),
      uploads_(database),
      archive_scope_(std::move(archive_scope)),
      clock_(clock),
      options_(std::move(options)) {}

Result<RebuildCounts> RebuildService::run() {
  Run run(options_);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < options_.threads; ++i) {
    threads.emplace_back([&] {
      while (const auto keys = run.pop()) rebuild_study(run, *keys);
    });
  }

  // Keys are listed in their order, so that those of a study come one after the other.
  struct StudyByStudy final : storage::BlobVisitor {
    explicit StudyByStudy(Run& the_run) : run(the_run) {}
    storage::Visit blob(const storage::ListedBlob& blob) override {
      const bool is_same =
          !keys.empty() && keys.back().parts()[kStudyPart] == blob.key.parts()[kStudyPart];
      if (!is_same && !keys.empty() && !run.push(std::exchange(keys, {}))) {
        return storage::Visit::stop;
      }
      keys.push_back(blob.key);
      return storage::Visit::go_on;
    }
    void foreign(std::string_view path) override {
      run.find(std::string(path), corrupt("foreign", "no file of this archive's layout"));
    }
    Run& run;
    std::vector<ObjectKey> keys;
  } visitor(run);
  if (Result<void> listed = store_.list({}, visitor); !listed) {
    run.fail(std::move(listed).error());
  } else if (!visitor.keys.empty()) {
    run.push(std::move(visitor.keys));
  }
  run.end_of_list();
  for (std::thread& thread : threads) thread.join();
  if (run.error) return std::move(*run.error);
  return run.counts;
}

// In the order in which they came, since the first image of a study describes it.
void RebuildService::rebuild_study(Run& run, const std::vector<ObjectKey>& keys) {
  std::vector<std::pair<ObjectKey, BlobRecord>> blobs;
  uint64_t known = 0;
  for (const ObjectKey& key : keys) {
    const auto row = images_.find(archive_scope_, key);
    if (!row) return run.fail(row.error());
    if (*row) {
      ++known;
      if (Result<void> done = complete(key, **row); !done) {
        return run.fail(std::move(done).error());
      }
      continue;
    }
    const auto info = store_.stat(key);
    auto record = info ? read_blob_record(info->attributes) : Result<BlobRecord>(info.error());
    if (!record) {
      if (!is_finding(record.error())) return run.fail(record.error());
      run.find(key.str(), record.error());
      continue;
    }
    blobs.emplace_back(key, std::move(*record));
  }
  run.count(0, 0, known);
  std::stable_sort(blobs.begin(), blobs.end(), [](const auto& left, const auto& right) {
    return left.second.stored_at < right.second.stored_at;
  });

  std::vector<Described> batch;
  for (const auto& [key, record] : blobs) {
    if (Result<void> done = rebuild_image(run, key, record, batch); !done) {
      return run.fail(std::move(done).error());
    }
  }
  if (Result<void> done = commit(run, batch); !done) run.fail(std::move(done).error());
}

Result<void> RebuildService::rebuild_image(Run& run, const ObjectKey& key, const BlobRecord& record,
                                           std::vector<Described>& batch) {
  Result<index::Ingest> ingest = describe(key, record);
  if (!ingest) {
    if (!is_finding(ingest.error())) return std::move(ingest).error();
    run.find(key.str(), ingest.error());
    return {};
  }
  batch.push_back({key, std::move(*ingest), record});
  if (batch.size() < kBatchImagesMax) return {};
  return commit(run, batch);
}

Result<index::Ingest> RebuildService::describe(const ObjectKey& key,
                                               const BlobRecord& record) const {
  const auto blob = PACS_TRY(store_.get(key));
  if (blob->size_bytes() != record.size_bytes) {
    return corrupt("size_mismatch", "the file has " + std::to_string(blob->size_bytes()) +
                                        " bytes, and " + std::to_string(record.size_bytes) +
                                        " were stored");
  }
  if (options_.hash_bytes && PACS_TRY(hash_of(*blob)) != record.sha256) {
    return corrupt("checksum_mismatch", "the SHA-256 of the bytes is not that of what was stored");
  }
  index::Ingest ingest =
      PACS_TRY(describe_file(BlobAccess(*blob), record.sha256, record.request, std::nullopt, &key));
  ingest.image.store = store_.name();
  ingest.image.stored_at = record.stored_at;
  // Without it the bytes are hashed before they are sent the first time.
  if (options_.hash_bytes) ingest.image.blob_identity = blob->identity();
  return ingest;
}

// One transaction for all of them, or where one of them cannot be, one for each.
Result<void> RebuildService::commit(Run& run, std::vector<Described>& batch) {
  if (batch.empty()) return {};
  std::vector<const index::Ingest*> ingests;
  for (const Described& described : batch) ingests.push_back(&described.ingest);
  const auto outcomes = ingests_.commit_all(ingests, line());
  if (!outcomes && !is_finding(outcomes.error())) return outcomes.error();
  if (!outcomes) {
    for (const Described& described : batch) PACS_TRY(commit_one(run, described));
  } else {
    std::vector<index::ImageRecord> images;
    for (const index::IngestOutcome& outcome : *outcomes) images.push_back(outcome.image);
    PACS_TRY(finish(run, batch, images));
  }
  batch.clear();
  return {};
}

Result<void> RebuildService::commit_one(Run& run, const Described& described) {
  Result<index::ImageRecord> image = write(described);
  if (!image && image.error().reason == "id_taken") {
    // Two blobs that claim one number, after a crash or by hand: the second gets a new one.
    run.find(described.key.str(), image.error());
    Described renumbered = described;
    renumbered.ingest.wanted_ids = {};
    image = write(renumbered);
  }
  if (image) return finish(run, {described}, {*image});
  if (!is_finding(image.error())) return std::move(image).error();
  run.find(described.key.str(), image.error());
  return {};
}

Result<index::ImageRecord> RebuildService::write(const Described& described) {
  return PACS_TRY(ingests_.commit(described.ingest, line())).image;
}

Result<void> RebuildService::finish(Run& run, const std::vector<Described>& batch,
                                    const std::vector<index::ImageRecord>& images) {
  PACS_ASSERT(batch.size() == images.size());
  std::vector<index::UploadRecord> uploads;
  uint64_t bytes = 0;
  for (size_t i = 0; i < batch.size(); ++i) {
    const BlobRecord& record = batch[i].record;
    bytes += record.size_bytes;
    if (record.was_announced) uploads.push_back(upload_of(record, images[i]));
    if (!record.former_study_id) continue;
    index::Ingest again = batch[i].ingest;
    again.wanted_ids = {.study = record.former_study_id};
    PACS_TRY(ingests_.commit(again, line()));
  }
  if (!uploads.empty()) PACS_TRY(uploads_.restore(uploads, line()));
  run.count(batch.size(), bytes, 0);
  return {};
}

// What finish() does for an image comes after its row: an earlier run may have ended in between.
Result<void> RebuildService::complete(const ObjectKey& key, const index::ImageRecord& image) {
  const auto info = store_.stat(key);
  const auto record = info ? read_blob_record(info->attributes) : Result<BlobRecord>(info.error());
  if (!record) {
    if (is_finding(record.error())) return {};
    return record.error();
  }
  if (record->former_study_id) {
    index::Ingest again = PACS_TRY(describe(key, *record));
    again.wanted_ids = {.study = record->former_study_id};
    PACS_TRY(ingests_.commit(again, line()));
  }
  if (!record->was_announced) return {};
  const index::UploadRecord upload = upload_of(*record, image);
  if (PACS_TRY(uploads_.find(archive_scope_, upload.key))) return {};
  return uploads_.restore({upload}, line());
}

index::AuditLine RebuildService::line() const {
  return audit_line(Actor{.id = "system", .name = {}, .request_id = {}}, clock_, "archive.rebuild");
}

}  // namespace pacs::archive
