// Time comes in through this interface, so that a test can move it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pacs {

// Milliseconds since 1970-01-01T00:00:00Z: what is stored, signed and shown.
using UnixMillis = int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  // The time of day; may jump. Any thread.
  [[nodiscard]] virtual UnixMillis now() const = 0;
  // Never jumps: for timeouts and durations. Any thread.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] UnixMillis now() const override;
  [[nodiscard]] std::chrono::steady_clock::time_point monotonic() const override;
};

// Stands still until it is moved. Not for use by several threads at once.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(UnixMillis start = 1'700'000'000'000) : now_(start) {}
  [[nodiscard]] UnixMillis now() const override { return now_; }
  [[nodiscard]] std::chrono::steady_clock::time_point monotonic() const override {
    return monotonic_;
  }
  void advance(std::chrono::milliseconds step) {
    now_ += step.count();
    monotonic_ += step;
  }
  void set(UnixMillis now) { now_ = now; }

 private:
  UnixMillis now_;
  std::chrono::steady_clock::time_point monotonic_{};
};

// RFC 3339 in UTC with milliseconds: 2026-11-22T16:50:00.123Z.
[[nodiscard]] std::string to_rfc3339(UnixMillis time);
// Takes any offset and up to nine digits of a fraction; nothing when it is not a time.
[[nodiscard]] std::optional<UnixMillis> from_rfc3339(std::string_view text);
// RFC 9110 5.6.7: Sun, 22 Nov 2026 16:50:00 GMT.
[[nodiscard]] std::string to_http_date(UnixMillis time);

}  // namespace pacs
