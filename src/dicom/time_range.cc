#include "dicom/time_range.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "core/text.h"

namespace pacs::dicom {
namespace {

constexpr int64_t kMicrosecondsOfSecond = 1'000'000;
constexpr int64_t kMicrosecondsOfMinute = 60 * kMicrosecondsOfSecond;
constexpr int64_t kMicrosecondsOfHour = 60 * kMicrosecondsOfMinute;
constexpr int64_t kMicrosecondsOfDay = 24 * kMicrosecondsOfHour;
constexpr size_t kFractionDigitsMax = 6;
constexpr size_t kOffsetSize = 5;          // "-0500"
constexpr int64_t kWestmostOffset = 1200;  // PS3.5 6.2, DT: -1200 to +1400
constexpr int64_t kEastmostOffset = 1400;

bool are_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Takes `count` digits off the front; nothing when they are not there.
std::optional<int64_t> take_digits(std::string_view& text, size_t count) {
  if (text.size() < count || !are_digits(text.substr(0, count))) return std::nullopt;
  const auto number = parse_unsigned(text.substr(0, count));
  text.remove_prefix(count);
  return static_cast<int64_t>(*number);
}

std::string without(std::string_view text, char separator) {
  std::string result(text);
  std::erase(result, separator);
  return result;
}

struct Microseconds {
  int64_t first = 0;
  int64_t last = 0;
};

std::optional<Microseconds> read_fraction(std::string_view digits) {
  if (digits.empty() || digits.size() > kFractionDigitsMax || !are_digits(digits)) {
    return std::nullopt;
  }
  std::string first(digits);
  std::string last(digits);
  first.resize(kFractionDigitsMax, '0');
  last.resize(kFractionDigitsMax, '9');
  return Microseconds{static_cast<int64_t>(*parse_unsigned(first)),
                      static_cast<int64_t>(*parse_unsigned(last))};
}

// HH, HHMM, HHMMSS or HHMMSS.FFFFFF.
std::optional<Microseconds> read_time(std::string_view text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23) return std::nullopt;
  const int64_t hours = *hour * kMicrosecondsOfHour;
  if (text.empty()) return Microseconds{hours, hours + kMicrosecondsOfHour - 1};
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const int64_t minutes = hours + *minute * kMicrosecondsOfMinute;
  if (text.empty()) return Microseconds{minutes, minutes + kMicrosecondsOfMinute - 1};
  const auto second = take_digits(text, 2);
  if (!second || *second > 60) return std::nullopt;
  const int64_t seconds = minutes + *second * kMicrosecondsOfSecond;
  if (text.empty()) return Microseconds{seconds, seconds + kMicrosecondsOfSecond - 1};
  if (text.front() != '.') return std::nullopt;
  const auto fraction = read_fraction(text.substr(1));
  if (!fraction) return std::nullopt;
  return Microseconds{seconds + fraction->first, seconds + fraction->last};
}

std::optional<int64_t> days_since_1970(int64_t year, int64_t month, int64_t day) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// YYYY, YYYYMM, YYYYMMDD and then a time.
std::optional<Microseconds> read_moment(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year) return std::nullopt;
  if (text.empty()) {
    const auto first = days_since_1970(*year, 1, 1);
    return Microseconds{*first * kMicrosecondsOfDay,
                        (*days_since_1970(*year, 12, 31) + 1) * kMicrosecondsOfDay - 1};
  }
  const auto month = take_digits(text, 2);
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  if (text.empty()) {
    const auto next =
        *month == 12 ? days_since_1970(*year + 1, 1, 1) : days_since_1970(*year, *month + 1, 1);
    return Microseconds{*days_since_1970(*year, *month, 1) * kMicrosecondsOfDay,
                        *next * kMicrosecondsOfDay - 1};
  }
  const auto day = take_digits(text, 2);
  const auto days = day ? days_since_1970(*year, *month, *day) : std::nullopt;
  if (!days) return std::nullopt;
  const int64_t midnight = *days * kMicrosecondsOfDay;
  if (text.empty()) return Microseconds{midnight, midnight + kMicrosecondsOfDay - 1};
  const auto time = read_time(text);
  if (!time) return std::nullopt;
  return Microseconds{midnight + time->first, midnight + time->last};
}

bool is_offset(std::string_view text) {
  if (text.size() != kOffsetSize || !are_digits(text.substr(1))) return false;
  const auto number = static_cast<int64_t>(*parse_unsigned(text.substr(1)));
  return text[0] == '+' ? number <= kEastmostOffset : text[0] == '-' && number <= kWestmostOffset;
}

int64_t offset_of(std::string_view text) {
  const auto number = static_cast<int64_t>(*parse_unsigned(text.substr(1)));
  const int64_t size = number / 100 * kMicrosecondsOfHour + number % 100 * kMicrosecondsOfMinute;
  return text[0] == '-' ? -size : size;
}

}  // namespace

std::optional<RangeTexts> split_range(Vr vr, std::string_view question) {
  for (size_t i = 0; i < question.size(); ++i) {
    if (question[i] != '-') continue;
    const std::string_view rest = question.substr(i);
    const bool ends_a_value =
        rest.size() == kOffsetSize || (rest.size() > kOffsetSize && rest[kOffsetSize] == '-');
    if (vr == Vr::DT && i > 0 && ends_a_value && is_offset(rest.substr(0, kOffsetSize))) {
      i += kOffsetSize - 1;
      continue;
    }
    return RangeTexts{std::string(trim(question.substr(0, i))), std::string(trim(rest.substr(1)))};
  }
  return std::nullopt;
}

std::optional<TimeRange::Span> TimeRange::parse_span(Vr vr, std::string_view text) {
  text = trim(text);
  std::optional<Microseconds> read;
  std::optional<int64_t> offset_us;
  if (vr == Vr::TM) {
    read = read_time(without(text, ':'));
  } else if (vr == Vr::DA) {
    const std::string digits = without(text, '.');
    if (digits.size() == 8) read = read_moment(digits);
  } else {
    if (text.size() > kOffsetSize && is_offset(text.substr(text.size() - kOffsetSize))) {
      offset_us = offset_of(text.substr(text.size() - kOffsetSize));
      text.remove_suffix(kOffsetSize);
    }
    read = read_moment(text);
  }
  if (!read) return std::nullopt;
  return Span{read->first, read->last, offset_us};
}

std::optional<TimeRange> TimeRange::parse(Vr vr, std::string_view question) {
  const auto ends = split_range(vr, question);
  TimeRange range;
  range.vr_ = vr;
  const std::string_view from = ends ? std::string_view(ends->from) : question;
  const std::string_view to = ends ? std::string_view(ends->to) : question;
  if (from.empty() && to.empty()) return std::nullopt;
  if (!from.empty()) {
    const auto span = parse_span(vr, from);
    if (!span) return std::nullopt;
    range.from_ = Bound{span->first_us, span->offset_us};
  }
  if (!to.empty()) {
    const auto span = parse_span(vr, to);
    if (!span) return std::nullopt;
    range.to_ = Bound{span->last_us, span->offset_us};
  }
  const auto in_utc = [](const Bound& bound) {
    return bound.local_us - bound.offset_us.value_or(0);
  };
  if (range.from_ && range.to_ && in_utc(*range.from_) > in_utc(*range.to_)) {
    if (vr != Vr::TM) return std::nullopt;
    range.is_over_midnight_ = true;
  }
  return range;
}

bool TimeRange::covers(std::string_view value) const {
  const auto span = parse_span(vr_, value);
  if (!span) return false;
  const auto place = [&](const Bound& bound) {
    const bool both_know = bound.offset_us && span->offset_us;
    return both_know ? bound.local_us - *bound.offset_us + *span->offset_us : bound.local_us;
  };
  const bool is_behind_start = !from_ || span->first_us >= place(*from_);
  const bool is_before_end = !to_ || span->first_us <= place(*to_);
  return is_over_midnight_ ? is_behind_start || is_before_end : is_behind_start && is_before_end;
}

}  // namespace pacs::dicom
