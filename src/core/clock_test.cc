#include "core/clock.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

TEST(Clock, WritesAndReadsRfc3339) {
  EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(1'795'366'200'123), "2026-11-22T16:50:00.123Z");
  EXPECT_EQ(to_rfc3339(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(from_rfc3339("2026-11-22T16:50:00.123Z"), 1'795'366'200'123);
  EXPECT_EQ(from_rfc3339("2026-11-22T18:50:00.1234567+02:00"), 1'795'366'200'123);
  EXPECT_EQ(from_rfc3339("2024-02-29T00:00:00-00:30"), from_rfc3339("2024-02-29T00:30:00Z"));
}

TEST(Clock, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2026-11-22", "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T16:50:00",
        "2026-11-22T16:50:00Zjunk", "-026-11-22T16:50:00Z", "2026-11-22T16:50:00.Z",
        "2026-11-22T16:50:00+24:00", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:60Z"}) {
    EXPECT_FALSE(from_rfc3339(text)) << text;
  }
}

TEST(Clock, WritesHttpDates) {
  EXPECT_EQ(to_http_date(784'111'777'000), "Sun, 06 Nov 1994 08:49:37 GMT");  // RFC 9110 5.6.7
}

}  // namespace
}  // namespace pacs
