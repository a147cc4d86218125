#include "archive/pace.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace pacs::archive {
namespace {

using std::chrono::milliseconds;

class PaceTest : public ::testing::Test {
 protected:
  template <typename Work>
  static milliseconds time_of(const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
  }

  SystemClock clock_;
  Readings readings_;
  std::atomic<bool> must_stop_{false};
};

TEST_F(PaceTest, KeepsTheRate) {
  Pace pace(1'000'000, clock_, readings_, [&] { return must_stop_.load(); });
  const auto took = time_of([&] {
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(pace.spend(20'000));
  });
  EXPECT_GE(took, milliseconds(300)) << "400 kB at 1 MB/s, less the burst";
  EXPECT_EQ(pace.spent_bytes(), 400'000U);
}

TEST_F(PaceTest, LetsReadersPassButNotForEver) {
  Pace pace(Pace::kNoLimit, clock_, readings_, [&] { return must_stop_.load(); });
  constexpr uint64_t kTwoTurns = uint64_t{2} << 20;
  const auto alone = time_of([&] { ASSERT_TRUE(pace.spend(kTwoTurns)); });
  const Readings::Reading reading = readings_.begin();
  const auto beside = time_of([&] { ASSERT_TRUE(pace.spend(kTwoTurns)); });
  EXPECT_LT(alone, milliseconds(90));
  EXPECT_GE(beside, milliseconds(90));
}

TEST_F(PaceTest, StopsInTheMiddleOfAWait) {
  Pace pace(1, clock_, readings_, [&] { return must_stop_.load(); });
  std::thread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    must_stop_ = true;
  });
  const auto stopped = pace.spend(1'000'000);  // eleven days
  stopper.join();
  ASSERT_FALSE(stopped);
  EXPECT_TRUE(is_stop(stopped.error()));
}

}  // namespace
}  // namespace pacs::archive
