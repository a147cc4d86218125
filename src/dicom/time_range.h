// A question about a date, a time of day or a moment: one value or a range (PS3.4 C.2.2.2.1 and
// C.2.2.2.5). What is stated to the hour, say, stands for the whole of that hour.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dicom/vr.h"

namespace pacs::dicom {

class TimeRange {
 public:
  // `vr` is DA, TM or DT. "20260131", "20260101-20260131", "20260101-", "-20260131". Nothing for
  // what is no value of the VR, or a range that ends before it begins; one of times of day goes on
  // over midnight then.
  [[nodiscard]] static std::optional<TimeRange> parse(Vr vr, std::string_view question);

  // False for what is no value of the VR. Where question and value both say how far they are from
  // UTC, the moments are compared; else what the clocks show.
  [[nodiscard]] bool covers(std::string_view value) const;

 private:
  TimeRange() = default;

  struct Bound {
    int64_t local_us = 0;
    std::optional<int64_t> offset_us{};
  };
  struct Span {
    int64_t first_us = 0;
    int64_t last_us = 0;
    std::optional<int64_t> offset_us{};
  };
  static std::optional<Span> parse_span(Vr vr, std::string_view text);

  Vr vr_ = Vr::DA;
  std::optional<Bound> from_;
  std::optional<Bound> to_;
  bool is_over_midnight_ = false;
};

// The two ends of a range as texts, either of them empty: "a-b", "a-", "-b". Nothing for a single
// value. The minus of an offset from UTC in a DT is none of a range (PS3.5 6.2, DT).
struct RangeTexts {
  std::string from;
  std::string to;
};
[[nodiscard]] std::optional<RangeTexts> split_range(Vr vr, std::string_view question);

}  // namespace pacs::dicom
