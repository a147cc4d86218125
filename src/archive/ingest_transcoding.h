// Transcoding on ingest by rule: behind the acknowledgement, on a thread that gives way to
// everything else, the frames of new images are encoded into the copies that
// transcoded_copies.h keeps. The stored image stays what it is.
#pragma once

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "archive/transcoded_copies.h"
#include "archive/transcoding.h"
#include "core/clock.h"
#include "core/metrics.h"
#include "index/database.h"
#include "index/image_checks.h"
#include "index/images.h"
#include "index/scope.h"

namespace pacs::archive {

enum class TranscodeFrom {
  uncompressed,  // native pixels alone
  lossless,      // and those of every other transfer syntax that loses nothing
};

// Whether copies of an image in `stored_syntax` are made in `target`. Never of one whose codec may
// have lost something, nor of one that is in the target already.
[[nodiscard]] bool is_to_be_transcoded(std::string_view stored_syntax, std::string_view target,
                                       TranscodeFrom from);

struct IngestTranscodingParts {
  TranscodingService& transcoding;
  TranscodedCopies& copies;
  index::Database& database;
  const Clock& clock;
  Metrics& metrics;
};

// Works from its construction to its destruction, which waits for the frame at hand. What it has
// come to is kept in the index: a restart goes on there. An image that was stored before the rule
// was first set gets its copy when somebody asks for its frames so; so does one whose copy had to
// make room. An image that cannot be transcoded is left alone until the next start at least.
// Nothing is made that would leave less than `bytes_free_min` (or a tenth) of the disk free.
class IngestTranscoding {
 public:
  // All of `parts` outlives it.
  IngestTranscoding(const IngestTranscodingParts& parts, index::Scope archive_scope,
                    TranscodeFrom from, uint64_t bytes_free_min);
  ~IngestTranscoding();
  IngestTranscoding(const IngestTranscoding&) = delete;
  IngestTranscoding& operator=(const IngestTranscoding&) = delete;

 private:
  enum class Outcome { done, later, stopped };

  void run();
  bool must_end();
  Result<void> begin();
  Result<Outcome> work();
  Result<Outcome> work_on_wanted();
  Result<Outcome> work_on_new();
  Outcome look_at(const index::ImageRecord& record);
  bool may_wait_for(int64_t image_id);
  [[nodiscard]] bool has_room_for(const index::ImageRecord& record) const;
  Result<void> make_copy(const index::ImageRecord& record);
  Result<void> sweep();
  Result<void> keep_position();

  const IngestTranscodingParts parts_;
  const index::Scope archive_scope_;
  const TranscodeFrom from_;
  const uint64_t bytes_free_min_;
  const index::Images images_;
  index::ImageChecks walk_;
  Counter& made_total_;
  Counter& refused_total_;
  Gauge& bytes_gauge_;

  // Of the thread.
  UnixMillis since_ = 0;    // images stored before are not new
  int64_t after_ = 0;       // those up to here were looked at
  int64_t back_to_ = 0;     // from where on they are looked at once more
  int64_t next_back_ = 0;   // and from where on the time after
  int64_t kept_after_ = 0;  // as the index has it
  std::chrono::steady_clock::time_point looked_back_;
  int64_t swept_to_ = 0;
  std::set<int64_t> refused_;
  int64_t waited_for_ = 0;
  int waits_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool must_end_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace pacs::archive
