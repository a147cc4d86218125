#include "dicomweb/store_helpers.h"

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>

#include <gtest/gtest.h>

namespace pacs::dicomweb {
namespace {

TEST(StoreHelpers, RefusesWhenAllAreBusyAndHelpsAgainWhenOneIsNot) {
  StoreHelpers helpers;
  std::latch all_busy(StoreHelpers::kThreadsMax);
  std::latch let_go(1);
  for (size_t i = 0; i < StoreHelpers::kThreadsMax; ++i) {
    ASSERT_TRUE(helpers.try_run([&] {
      all_busy.count_down();
      let_go.wait();
    }));
  }
  all_busy.wait();  // they run side by side
  EXPECT_FALSE(helpers.try_run([] {}));
  let_go.count_down();
  std::latch ran(1);
  while (!helpers.try_run([&] { ran.count_down(); })) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ran.wait();
}

TEST(StoreHelpers, EndsWhenAllThatItTookHasRun) {
  std::atomic<int> taken = 0;
  std::atomic<int> ran = 0;
  {
    StoreHelpers helpers;
    for (int i = 0; i < 1000; ++i) {
      if (helpers.try_run([&] { ++ran; })) ++taken;
    }
  }
  EXPECT_GT(taken, 0);
  EXPECT_EQ(ran, taken);
}

}  // namespace
}  // namespace pacs::dicomweb
