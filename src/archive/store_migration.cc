#include "archive/store_migration.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "archive/readings.h"

namespace pacs::archive {
namespace {

// Two commits for as many, so that the server's writer hardly notices them.
constexpr size_t kImagesPerPage = 32;

using index::MovingImage;

std::vector<MovingImage> those_elsewhere(const std::vector<MovingImage>& images) {
  std::vector<MovingImage> elsewhere;
  std::copy_if(images.begin(), images.end(), std::back_inserter(elsewhere),
               [](const MovingImage& moving) { return !moving.is_at_home_there; });
  return elsewhere;
}

// What the threads of one run share.
class MigrationRun {
 public:
  MigrationRun(const MigrationGround& ground, const MigrationOptions& options)
      : ground_(ground),
        options_(options),
        pace_(options.bytes_per_second_max, ground.clock, no_readings_,
              [this] { return has_failed(); }) {}

  void work() {
    for (;;) {
      const std::vector<MovingImage> batch = take();
      if (batch.empty()) return;
      if (Result<void> done = move(batch); !done) return fail(std::move(done).error());
    }
  }

  [[nodiscard]] Result<MigrationCounts> result() {
    if (error_) return std::move(*error_);
    return counts_;
  }

 private:
  // Those that still want work, with their intent in the index; none when all were given, or the
  // run has failed.
  std::vector<MovingImage> take() {
    const std::lock_guard lock(mutex_);
    std::vector<MovingImage> batch;
    while (!error_ && batch.empty()) {
      auto page = ground_.copies.next(kImagesPerPage, options_.compares_all
                                                          ? index::StoreCopies::Which::all
                                                          : index::StoreCopies::Which::elsewhere);
      if (!page) {
        error_ = std::move(page).error();
        return {};
      }
      if (page->empty()) return {};
      for (MovingImage& moving : *page) {
        if (moving.is_verified_there && !options_.compares_all) {
          ++counts_.images;
          ++counts_.already_there;
        } else {
          batch.push_back(std::move(moving));
        }
      }
      options_.on_progress(counts_);
      if (batch.empty()) continue;
      if (Result<void> begun = ground_.copies.begin(those_elsewhere(batch)); !begun) {
        error_ = std::move(begun).error();
        return {};
      }
    }
    return batch;
  }

  Result<void> move(const std::vector<MovingImage>& batch) {
    std::vector<int64_t> verified;
    for (const MovingImage& moving : batch) {
      if (PACS_TRY(move(moving)) && !moving.is_at_home_there) verified.push_back(moving.image.id);
    }
    const std::lock_guard lock(mutex_);
    const auto gone = PACS_TRY(ground_.copies.keep(verified, ground_.clock.now()));
    for (const int64_t id : gone) {
      const auto found = std::find_if(batch.begin(), batch.end(), [id](const MovingImage& moving) {
        return moving.image.id == id;
      });
      ++counts_.removed;
      // The key may belong to another image by now, whose own turn comes.
      if (PACS_TRY(ground_.live.names(found->image.key))) continue;
      PACS_TRY(ground_.target.remove(found->image.key));
    }
    return {};
  }

  // What lies in the target already is hashed, whoever put it there: no row has named it as
  // verified. What is put there now the store checks as it takes it.
  Result<BlobCopyOutcome> bring(const MovingImage& moving) {
    if (moving.is_at_home_there) return compare_blob(moving.image, ground_.target, pace_);
    storage::BlobStore* from = PACS_TRY(ground_.stores.find(moving.image.store));
    return copy_blob(moving.image, *from, ground_.target, PresentCopy::by_bytes, pace_);
  }

  // Whether the target has it now.
  Result<bool> move(const MovingImage& moving) {
    const index::StoredImage& image = moving.image;
    const BlobCopyOutcome outcome = PACS_TRY(bring(moving));
    const std::lock_guard lock(mutex_);
    ++counts_.images;
    if (outcome.is_faulty) {
      // Nothing is wrong with one that was purged meanwhile.
      if (PACS_TRY(ground_.live.is_stored(image))) {
        ++counts_.refused;
        options_.on_finding({image.key.str(), outcome.fault.reason, outcome.fault.detail});
      } else {
        ++counts_.removed;
      }
    } else if (outcome.copied == BlobCopied::copied) {
      ++counts_.moved;
      counts_.moved_bytes += image.size_bytes;
    } else {
      ++counts_.already_there;
    }
    options_.on_progress(counts_);
    return !outcome.is_faulty;
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

  const MigrationGround& ground_;  // the index guarded by mutex_
  const MigrationOptions& options_;
  const Readings no_readings_;  // those of the server are not seen from here
  Pace pace_;
  std::mutex mutex_;
  MigrationCounts counts_;      // guarded by mutex_
  std::optional<Error> error_;  // guarded by mutex_
};

}  // namespace

Result<MigrationCounts> migrate_images(const MigrationGround& ground,
                                       const MigrationOptions& options) {
  MigrationRun run(ground, options);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < options.threads; ++i) threads.emplace_back([&] { run.work(); });
  for (std::thread& thread : threads) thread.join();
  return run.result();
}

}  // namespace pacs::archive
