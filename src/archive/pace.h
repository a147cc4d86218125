// How fast work that can wait may go: so many bytes a second, and slower while images are read out.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>

#include "archive/readings.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "storage/blob_reader.h"

namespace pacs::archive {

// Any thread: those who share one share its rate.
class Pace {
 public:
  // Opening a file and asking about it costs a disk about as much as reading so many bytes.
  static constexpr uint64_t kFileCostBytes = 4096;
  static constexpr uint64_t kNoLimit = 0;

  // All but the number outlive the object. `must_stop` is asked often.
  Pace(uint64_t bytes_per_second_max, const Clock& clock, const Readings& readings,
       std::function<bool()> must_stop);

  // Waits until `bytes` more are due. `unavailable` (reason "stopped") when the work must end.
  [[nodiscard]] Result<void> spend(uint64_t bytes);

  // The SHA-256 of a blob at this pace: errors of spend(), and those of reading.
  [[nodiscard]] Result<Sha256Digest> hash_of(storage::BlobReader& blob);

  [[nodiscard]] uint64_t spent_bytes() const { return spent_bytes_; }

 private:
  Result<void> wait_for(std::chrono::steady_clock::duration time);
  Result<void> let_readers_pass();

  const uint64_t bytes_per_second_max_;
  const Clock& clock_;
  const Readings& readings_;
  const std::function<bool()> must_stop_;
  // Without the mutex: who asks may hold a lock that must_stop() takes.
  std::atomic<uint64_t> spent_bytes_ = 0;
  std::mutex mutex_;                           // held while waiting: the others are not due either
  std::chrono::steady_clock::time_point due_;  // guarded by mutex_, as all below
  uint64_t turn_bytes_ = 0;
};

[[nodiscard]] bool is_stop(const Error& error);

}  // namespace pacs::archive
