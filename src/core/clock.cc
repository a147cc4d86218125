#include "core/clock.h"

#include <array>
#include <charconv>

#include <fmt/compile.h>

namespace pacs {
namespace {

constexpr int64_t kMillisPerDay = 86'400'000;
constexpr int kYearMax = 9999;  // RFC 3339 5.6

struct CivilTime {
  int year;
  unsigned month, day;
  int weekday;  // 0 is Sunday
  int hour, minute, second, millisecond;
};

CivilTime to_civil(UnixMillis time) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> point{std::chrono::milliseconds(time)};
  const auto days = floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(days);
  const int64_t rest = (point - days).count();
  return {
      static_cast<int>(date.year()),      static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()),  static_cast<int>(std::chrono::weekday(days).c_encoding()),
      static_cast<int>(rest / 3'600'000), static_cast<int>(rest / 60'000 % 60),
      static_cast<int>(rest / 1000 % 60), static_cast<int>(rest % 1000)};
}

// Takes exactly `width` digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + width, value);
  if (error != std::errc() || end != text.data() + width || text[0] == '-') return std::nullopt;
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int> take_fraction(std::string_view& text) {
  int millis = 0;
  int digits = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    if (digits < 3) millis = millis * 10 + (text[0] - '0');
    text.remove_prefix(1);
    if (++digits > 9) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 3; ++digits) millis *= 10;
  return millis;
}

// Minutes east of UTC.
std::optional<int> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return 0;
  const bool west = !text.empty() && text[0] == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ":")) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int offset = *hours * 60 + *minutes;
  return west ? -offset : offset;
}

}  // namespace

UnixMillis SystemClock::now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::chrono::steady_clock::time_point SystemClock::monotonic() const {
  return std::chrono::steady_clock::now();
}

std::string to_rfc3339(UnixMillis time) {
  const CivilTime c = to_civil(time);
  return fmt::format(FMT_COMPILE("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z"), c.year, c.month,
                     c.day, c.hour, c.minute, c.second, c.millisecond);
}

std::optional<UnixMillis> from_rfc3339(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !take(text, "Tt ")) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  int millis = 0;
  if (take(text, ".")) {
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    millis = *fraction;
  }
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const UnixMillis time =
      days * kMillisPerDay + ((*hour * 60 + *minute - *offset) * 60LL + *second) * 1000 + millis;
  // An offset or a leap second may lead to a year that to_rfc3339() has no four digits for.
  const int year_of_time = to_civil(time).year;
  if (year_of_time < 0 || year_of_time > kYearMax) return std::nullopt;
  return time;
}

std::string to_http_date(UnixMillis time) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime c = to_civil(time);
  return fmt::format(FMT_COMPILE("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT"),
                     kDays[static_cast<size_t>(c.weekday)], c.day, kMonths[c.month - 1], c.year,
                     c.hour, c.minute, c.second);
}

}  // namespace pacs
