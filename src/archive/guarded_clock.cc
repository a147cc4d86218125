#include "archive/guarded_clock.h"

#include <algorithm>
#include <string>

#include "core/log.h"
#include "core/text.h"

namespace pacs::archive {
namespace {

constexpr std::string_view kClockSeen = "clock_seen";

int64_t in_millis(std::chrono::steady_clock::duration time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

}  // namespace

GuardedClock::GuardedClock(const Clock& clock, index::Database& database, Metrics& metrics)
    : clock_(clock),
      state_(database),
      in_doubt_(metrics.gauge("pacs_lite_clock_in_doubt",
                              "1 while the wall clock has stepped further than can be explained, "
                              "and the trash and unfinished uploads age by the uptime alone.")),
      believed_wall_(clock.now()),
      believed_at_(clock.monotonic()) {
  in_doubt_.set(0);
}

Result<void> GuardedClock::begin() {
  const auto text = PACS_TRY(state_.find(kClockSeen));
  const std::optional<uint64_t> seen = text ? parse_unsigned(*text) : std::nullopt;
  if (!seen) return {};
  const std::lock_guard lock(mutex_);
  const auto seen_at = static_cast<UnixMillis>(*seen);
  const UnixMillis wall = clock_.now();
  const bool is_explained =
      wall >= seen_at - in_millis(kStepMax) && wall <= seen_at + in_millis(kDowntimeMax);
  believe(is_explained ? wall : seen_at, clock_.monotonic());
  return {};
}

Result<void> GuardedClock::remember() {
  UnixMillis seen = 0;
  {
    const std::lock_guard lock(mutex_);
    const Monotonic time = clock_.monotonic();
    if (written_at_ && time - *written_at_ < kWriteInterval) return {};
    written_at_ = time;
    seen = read().expected;
  }
  return state_.note(kClockSeen, std::to_string(seen));
}

UnixMillis GuardedClock::earliest() {
  const std::lock_guard lock(mutex_);
  const Reading reading = read();
  return std::min(reading.wall, reading.expected);
}

UnixMillis GuardedClock::latest() {
  const std::lock_guard lock(mutex_);
  const Reading reading = read();
  return std::max(reading.wall, reading.expected);
}

bool GuardedClock::is_in_doubt() {
  const std::lock_guard lock(mutex_);
  read();
  return doubted_since_.has_value();
}

GuardedClock::Reading GuardedClock::read() {
  const Monotonic time = clock_.monotonic();
  const Reading reading{.wall = clock_.now(), .expected = expected_at(time)};
  const int64_t step = reading.wall - reading.expected;
  if (step <= in_millis(kStepMax) && step >= -in_millis(kStepMax)) {
    if (doubted_since_) log_info("clock_right_again");
    believe(reading.wall, time);
    return {.wall = reading.wall, .expected = reading.wall};
  }
  if (!doubted_since_) doubt(reading, time);
  if (time - *doubted_since_ < kDoubtMax) return reading;
  log_warning("clock_step_believed", {{"now", to_rfc3339(reading.wall)}});
  believe(reading.wall, time);
  return {.wall = reading.wall, .expected = reading.wall};
}

UnixMillis GuardedClock::expected_at(Monotonic time) const {
  return believed_wall_ + in_millis(time - believed_at_);
}

void GuardedClock::believe(UnixMillis wall, Monotonic time) {
  believed_wall_ = wall;
  believed_at_ = time;
  doubted_since_.reset();
  in_doubt_.set(0);
}

void GuardedClock::doubt(const Reading& reading, Monotonic time) {
  doubted_since_ = time;
  in_doubt_.set(1);
  log_warning("clock_in_doubt",
              {{"now", to_rfc3339(reading.wall)}, {"expected", to_rfc3339(reading.expected)}});
}

}  // namespace pacs::archive
