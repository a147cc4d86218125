#include "archive/guarded_clock.h"

#include <gtest/gtest.h>

#include "index/database.h"
#include "tests/support/temporary_folder.h"

namespace pacs::archive {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

class GuardedClockTest : public ::testing::Test {
 protected:
  // What a start of the server does.
  std::unique_ptr<GuardedClock> start() {
    auto clock = std::make_unique<GuardedClock>(manual_, *database_, metrics_);
    EXPECT_TRUE(clock->begin());
    EXPECT_TRUE(clock->remember());
    return clock;
  }
  void step(std::chrono::milliseconds by) { manual_.set(manual_.now() + by.count()); }
  [[nodiscard]] UnixMillis after_start(std::chrono::milliseconds time) const {
    return kStart + time.count();
  }

  static constexpr UnixMillis kStart = 1'700'000'000'000;

  testing_support::TemporaryFolder folder_;
  ManualClock manual_{kStart};
  Metrics metrics_;
  std::unique_ptr<index::Database> database_ =
      index::Database::open(folder_.path() / "index.db", index::DatabaseOptions()).value();
};

TEST_F(GuardedClockTest, IsTheWallClockAsLongAsThatGoesOn) {
  const auto clock = start();
  for (const auto time : {minutes(1), minutes(60 * 24 * 40)}) {
    manual_.advance(time);
    step(minutes(-50));  // put right
    EXPECT_EQ(clock->earliest(), manual_.now());
    EXPECT_EQ(clock->latest(), manual_.now());
    EXPECT_FALSE(clock->is_in_doubt());
  }
}

TEST_F(GuardedClockTest, AYearForwardEndsNothingBeforeADayOfUptime) {
  const auto clock = start();
  step(days(365));
  EXPECT_EQ(clock->earliest(), kStart);
  EXPECT_EQ(clock->latest(), after_start(days(365)));
  EXPECT_TRUE(clock->is_in_doubt());
  EXPECT_NE(metrics_.text().find("pacs_lite_clock_in_doubt 1"), std::string::npos);
  manual_.advance(hours(23));
  EXPECT_EQ(clock->earliest(), after_start(hours(23))) << "the uptime counts";
  manual_.advance(hours(1));
  EXPECT_EQ(clock->earliest(), manual_.now()) << "an operator has had a day";
  EXPECT_FALSE(clock->is_in_doubt());
  EXPECT_NE(metrics_.text().find("pacs_lite_clock_in_doubt 0"), std::string::npos);
}

TEST_F(GuardedClockTest, AClockThatComesBackHasEndedNothing) {
  const auto clock = start();
  step(days(365));
  manual_.advance(hours(2));
  ASSERT_TRUE(clock->is_in_doubt());
  step(days(-365));
  EXPECT_FALSE(clock->is_in_doubt());
  EXPECT_EQ(clock->earliest(), after_start(hours(2)));
}

// What is removed under a clock that is a year behind must not be overdue when it is put right.
TEST_F(GuardedClockTest, AYearBackShortensNothing) {
  const auto clock = start();
  step(days(-365));
  EXPECT_EQ(clock->earliest(), after_start(days(-365)));
  EXPECT_EQ(clock->latest(), kStart);
}

TEST_F(GuardedClockTest, AStartUnderAWrongClockIsNoticedHoweverOftenItIsRepeated) {
  start();
  step(days(365));
  for (int starts = 0; starts < 3; ++starts) {
    const auto clock = start();
    EXPECT_TRUE(clock->is_in_doubt());
    EXPECT_LE(clock->earliest(), after_start(hours(3)));
    manual_.advance(hours(1));
    EXPECT_TRUE(clock->remember());
  }
  step(days(-365));
  EXPECT_FALSE(start()->is_in_doubt());
}

TEST_F(GuardedClockTest, AServerThatWasDownForHalfADayDoubtsNothing) {
  start();
  step(hours(12));
  const auto clock = start();
  EXPECT_FALSE(clock->is_in_doubt());
  EXPECT_EQ(clock->earliest(), manual_.now());
}

TEST_F(GuardedClockTest, AServerThatWasDownForAWeekWaitsForADay) {
  start();
  step(days(7));
  const auto clock = start();
  EXPECT_EQ(clock->earliest(), kStart);
  manual_.advance(hours(23));
  EXPECT_TRUE(clock->is_in_doubt());
  manual_.advance(hours(1));
  EXPECT_EQ(clock->earliest(), manual_.now());
}

}  // namespace
}  // namespace pacs::archive
