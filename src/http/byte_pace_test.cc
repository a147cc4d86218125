// When the other side is too slow.
#include "http/byte_pace.h"

#include <gtest/gtest.h>

namespace pacs::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(BytePace, GivesGraceThenAsksForTheFloor) {
  BytePace pace({1000, seconds(10), seconds(30)});
  EXPECT_EQ(pace.allowance(), seconds(10));
  pace.moved(5000);  // five more seconds are earned
  pace.waited(seconds(12));
  EXPECT_EQ(pace.allowance(), seconds(3));
  pace.waited(seconds(3));
  EXPECT_LE(pace.allowance(), milliseconds(0));
}

TEST(BytePace, ManyBytesDoNotExcuseAStall) {
  BytePace pace({1000, seconds(10), seconds(30)});
  pace.moved(uint64_t{1} << 62);
  EXPECT_EQ(pace.allowance(), seconds(30));
  pace.waited(seconds(29));
  EXPECT_EQ(pace.allowance(), seconds(1));
  pace.moved(1);
  EXPECT_EQ(pace.allowance(), seconds(30));
  pace.moved_to(5);  // a queue that grew again is no progress
  pace.waited(seconds(30));
  EXPECT_LE(pace.allowance(), milliseconds(0));
}

TEST(BytePace, ASteady23KilobitLinkIsNeverGivenUp) {
  BytePace pace({1000, seconds(10), seconds(30)});
  for (int second = 0; second < 10'000; ++second) {
    pace.waited(seconds(1));
    pace.moved(2875);
    ASSERT_GT(pace.allowance(), milliseconds(0)) << second;
  }
}

}  // namespace
}  // namespace pacs::http
