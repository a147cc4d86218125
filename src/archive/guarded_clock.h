// The time of day, as far as the archive can bear it out: a clock that is wrong must not end what
// is only kept for a while. Remembered in the index, so that a start under a wrong clock is noticed
// too.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "core/clock.h"
#include "core/metrics.h"
#include "core/result.h"
#include "index/archive_state.h"

namespace pacs::archive {

// Any thread. Believes the wall clock as long as it goes on as the monotonic one does. After a step
// the time of day is in doubt: it then lies between earliest() and latest(), of which one is the
// wall clock and the other what it would be without the step. A step that lasts for a day of uptime
// is believed: an operator has had the time to see it.
class GuardedClock final : public Clock {
 public:
  // In a running process; more is no correction.
  static constexpr std::chrono::hours kStepMax{1};
  // How long a server may have been down without a doubt.
  static constexpr std::chrono::hours kDowntimeMax{24};
  static constexpr std::chrono::hours kDoubtMax{24};
  // A start goes on from what was written last, so that an hour of it is within kDowntimeMax.
  static constexpr std::chrono::hours kWriteInterval{1};

  // All outlive it.
  GuardedClock(const Clock& clock, index::Database& database, Metrics& metrics);

  // Before the first request: goes on from the time that the archive saw last. Failure: the index
  // cannot be read, and the wall clock is believed.
  [[nodiscard]] Result<void> begin();
  // Writes the time that has been seen, if the last one is an hour old. To be called now and then.
  [[nodiscard]] Result<void> remember();

  [[nodiscard]] UnixMillis now() const override { return clock_.now(); }
  [[nodiscard]] std::chrono::steady_clock::time_point monotonic() const override {
    return clock_.monotonic();
  }

  // It is at least so late: for what ends something.
  [[nodiscard]] UnixMillis earliest();
  // It is at most so late: for the moment until which something is kept.
  [[nodiscard]] UnixMillis latest();
  [[nodiscard]] bool is_in_doubt();

 private:
  using Monotonic = std::chrono::steady_clock::time_point;
  struct Reading {
    UnixMillis wall = 0;
    UnixMillis expected = 0;  // what it would be without a step
  };
  Reading read();
  [[nodiscard]] UnixMillis expected_at(Monotonic time) const;
  void believe(UnixMillis wall, Monotonic time);
  void doubt(const Reading& reading, Monotonic time);

  const Clock& clock_;
  index::ArchiveState state_;
  Gauge& in_doubt_;
  std::mutex mutex_;  // guards what follows
  UnixMillis believed_wall_;
  Monotonic believed_at_;
  std::optional<Monotonic> doubted_since_;
  std::optional<Monotonic> written_at_;
};

}  // namespace pacs::archive
