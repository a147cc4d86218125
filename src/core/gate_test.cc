#include "core/gate.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace pacs {
namespace {

using std::chrono::milliseconds;

TEST(Gate, GivesEachPassToOneAtATime) {
  Gate gate(2, 8);
  auto first = gate.enter(milliseconds(0));
  ASSERT_TRUE(first);
  {
    const auto second = gate.enter(milliseconds(0));
    ASSERT_TRUE(second);
    const auto third = gate.enter(milliseconds(1));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().reason, "busy");
  }
  EXPECT_TRUE(gate.enter(milliseconds(0)));
}

TEST(Gate, TellsAtOnceWhenEnoughWait) {
  Gate gate(1, 1);
  auto held = std::make_unique<Result<Gate::Pass>>(gate.enter(milliseconds(0)));
  EXPECT_TRUE(gate.check_not_full()) << "one may wait";
  std::atomic<bool> was_served{false};
  std::thread waiting([&] { was_served = gate.enter(milliseconds(60'000)).has_value(); });
  while (gate.check_not_full()) std::this_thread::yield();
  EXPECT_FALSE(gate.enter(milliseconds(60'000))) << "and does not wait a minute for it";
  held.reset();
  waiting.join();
  EXPECT_TRUE(was_served);
  EXPECT_TRUE(gate.check_not_full());
}

TEST(Gate, ServesAllWhoMayWait) {
  Gate gate(2, 30);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&] {
      const auto pass = gate.enter(milliseconds(60'000));
      if (!pass) return;
      const int now = ++inside;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      std::this_thread::sleep_for(milliseconds(1));
      --inside;
      ++served;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(served, 32);
  EXPECT_LE(most, 2);
}

}  // namespace
}  // namespace pacs
