#include "dicom/time_range.h"

#include <gtest/gtest.h>

namespace pacs::dicom {
namespace {

bool covers(Vr vr, std::string_view question, std::string_view value) {
  const auto range = TimeRange::parse(vr, question);
  EXPECT_TRUE(range) << question;
  return range && range->covers(value);
}

// Q10: single values, ranges, open ranges.
TEST(TimeRange, CoversDates) {
  EXPECT_TRUE(covers(Vr::DA, "20260131", "20260131"));
  EXPECT_TRUE(covers(Vr::DA, "20260131", "2026.01.31")) << "the old form";
  EXPECT_FALSE(covers(Vr::DA, "20260131", "20260130"));
  EXPECT_TRUE(covers(Vr::DA, "20260101-20260131", "20260131"));
  EXPECT_TRUE(covers(Vr::DA, "20260101 - 20260131", "20260101"));
  EXPECT_FALSE(covers(Vr::DA, "20260101-20260131", "20260201"));
  EXPECT_TRUE(covers(Vr::DA, "20260101-", "20991231"));
  EXPECT_FALSE(covers(Vr::DA, "20260101-", "20251231"));
  EXPECT_TRUE(covers(Vr::DA, "-20260101", "20260101"));
  EXPECT_FALSE(covers(Vr::DA, "-20260101", "20260102"));
  EXPECT_FALSE(covers(Vr::DA, "-20260101", "")) << "no date is not an early date";
  EXPECT_FALSE(covers(Vr::DA, "-20260101", "unknown"));
}

TEST(TimeRange, ATimeThatIsNotToTheSecondIsTheWholeOfIt) {
  EXPECT_TRUE(covers(Vr::TM, "10", "105959.999"));
  EXPECT_FALSE(covers(Vr::TM, "10", "11"));
  EXPECT_TRUE(covers(Vr::TM, "1000-1200", "120030"));
  EXPECT_FALSE(covers(Vr::TM, "1000-1200", "1201"));
  EXPECT_TRUE(covers(Vr::TM, "10:15", "10:15:59"));
  EXPECT_TRUE(covers(Vr::TM, "101500.5", "101500.5"));
  EXPECT_FALSE(covers(Vr::TM, "101500.5", "101500.6"));
  EXPECT_TRUE(covers(Vr::TM, "2200-0600", "2330"));
  EXPECT_TRUE(covers(Vr::TM, "2200-0600", "0559"));
  EXPECT_FALSE(covers(Vr::TM, "2200-0600", "12"));
}

TEST(TimeRange, CoversMomentsWithAndWithoutOffset) {
  EXPECT_TRUE(covers(Vr::DT, "2026", "20261231235959"));
  EXPECT_TRUE(covers(Vr::DT, "202602", "20260228"));
  EXPECT_FALSE(covers(Vr::DT, "202602", "20260301"));
  EXPECT_TRUE(covers(Vr::DT, "2025-2026", "20260601")) << "two years, no offset of -2026";
  EXPECT_TRUE(covers(Vr::DT, "20260101120000+0000", "20260101130000+0100"));
  EXPECT_FALSE(covers(Vr::DT, "20260101120000+0000", "20260101120000+0100"));
  EXPECT_TRUE(covers(Vr::DT, "20260101120000+0000", "20260101120000")) << "the value does not say";
  EXPECT_TRUE(covers(Vr::DT, "20260101100000-0500-20260101110000-0500", "20260101153000+0000"));
  EXPECT_FALSE(covers(Vr::DT, "20260101100000-0500-20260101110000-0500", "20260101103000+0000"));
  EXPECT_TRUE(covers(Vr::DT, "20260101100000-0500-", "20260101150000+0000"));
  EXPECT_TRUE(covers(Vr::DT, "-20260101100000-0500", "20260101150000+0000"));
}

// Q18: a bad range is told.
TEST(TimeRange, IsNothingForWhatIsNoRange) {
  for (const char* text : {"", "-", "2026", "20261301", "20260230", "20260101-20250101", "today",
                           "20260101-20260102-20260103", "20260101,20260102", "202601011"}) {
    EXPECT_FALSE(TimeRange::parse(Vr::DA, text)) << text;
  }
  for (const char* text : {"1", "24", "1060", "10:1", "101500.", "101500.1234567"}) {
    EXPECT_FALSE(TimeRange::parse(Vr::TM, text)) << text;
  }
  for (const char* text : {"20", "20260101-20251231", "+0100", "20260101+9900"}) {
    EXPECT_FALSE(TimeRange::parse(Vr::DT, text)) << text;
  }
}

}  // namespace
}  // namespace pacs::dicom
