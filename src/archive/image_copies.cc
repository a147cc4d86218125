#include "archive/image_copies.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "archive/readings.h"

namespace pacs::archive {
namespace {

constexpr size_t kImagesAtOnce = 16;  // so that threads do not wait for each other's look-ups

// What the threads of one run share.
class CopyRun {
 public:
  CopyRun(index::StoredImages& images, const SourceOfImage& source_of, storage::BlobStore& to,
          const Clock& clock, const ImageCopyOptions& options)
      : images_(images),
        source_of_(source_of),
        to_(to),
        options_(options),
        pace_(options.bytes_per_second_max, clock, no_readings_, [this] { return has_failed(); }) {}

  void work() {
    for (;;) {
      const std::vector<index::StoredImage> batch = take();
      if (batch.empty()) return;
      for (const index::StoredImage& image : batch) {
        if (Result<void> copied = copy(image); !copied) {
          return fail(std::move(copied).error());
        }
      }
    }
  }

  [[nodiscard]] Result<ImageCopyCounts> result() {
    if (error_) return std::move(*error_);
    return counts_;
  }

 private:
  // None when all were given, or the run has failed.
  std::vector<index::StoredImage> take() {
    const std::lock_guard lock(mutex_);
    if (error_) return {};
    auto batch = images_.next(kImagesAtOnce);
    if (batch) return std::move(*batch);
    error_ = std::move(batch).error();
    return {};
  }

  Result<void> copy(const index::StoredImage& image) {
    const Result<storage::BlobStore*> from = source_of_(image);
    if (!from) return find(image, {from.error().reason, from.error().detail});
    const BlobCopyOutcome outcome =
        PACS_TRY(copy_blob(image, **from, to_, options_.present, pace_));
    {
      const std::lock_guard lock(mutex_);
      if (outcome.copied == BlobCopied::copied) {
        ++counts_.copied;
        counts_.copied_bytes += image.size_bytes;
      } else if (!outcome.is_faulty) {
        ++counts_.unchanged;
      }
    }
    if (outcome.is_faulty) return find(image, outcome.fault);
    const std::lock_guard lock(mutex_);
    ++counts_.images;
    options_.on_progress(counts_);
    return {};
  }

  Result<void> find(const index::StoredImage& image, const BlobFault& fault) {
    const std::lock_guard lock(mutex_);
    const bool is_wanted = PACS_TRY(options_.is_wanted(image));
    ++counts_.images;
    if (is_wanted) {
      ++counts_.findings;
      options_.on_finding({image.key.str(), fault.reason, fault.detail});
    } else {
      ++counts_.removed;
    }
    options_.on_progress(counts_);
    return {};
  }

  bool has_failed() {
    const std::lock_guard lock(mutex_);
    return error_.has_value();
  }

  // The first one is the one to tell: others end because of it.
  void fail(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }

  index::StoredImages& images_;  // guarded by mutex_
  const SourceOfImage& source_of_;
  storage::BlobStore& to_;
  const ImageCopyOptions& options_;
  const Readings no_readings_;  // those of the server are not seen from here
  Pace pace_;
  std::mutex mutex_;
  ImageCopyCounts counts_;      // guarded by mutex_
  std::optional<Error> error_;  // guarded by mutex_
};

}  // namespace

Result<ImageCopyCounts> copy_images(index::StoredImages& images, const SourceOfImage& source_of,
                                    storage::BlobStore& to, const Clock& clock,
                                    const ImageCopyOptions& options) {
  CopyRun run(images, source_of, to, clock, options);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < options.threads; ++i) threads.emplace_back([&] { run.work(); });
  for (std::thread& thread : threads) thread.join();
  return run.result();
}

Result<void> copy_tombstones(const std::vector<storage::BlobStore*>& from, storage::BlobStore& to) {
  std::set<std::string> wanted;
  for (storage::BlobStore* store : from) {
    for (const std::string& name : PACS_TRY(store->tombstone_names())) {
      const auto text = store->read_tombstone(name);
      // Taken away meanwhile: its images are back.
      if (!text && text.error().code == ErrorCode::not_found) continue;
      if (!text) return text.error();
      wanted.insert(name);
      const auto copy = to.read_tombstone(name);
      if (!copy || *copy != *text) PACS_TRY(to.write_tombstone(name, *text));
    }
  }
  for (const std::string& name : PACS_TRY(to.tombstone_names())) {
    if (!wanted.contains(name)) PACS_TRY(to.remove_tombstone(name));
  }
  return {};
}

}  // namespace pacs::archive
