#include "archive/upload_turns.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>

namespace pacs::archive {
namespace {

using Manner = UploadTurns::Manner;
using namespace std::chrono_literals;

TEST(UploadTurns, KeepsASecondOneOutWhileTheFirstIsHeard) {
  UploadTurns turns;
  auto first = turns.take(
      "a", Manner::polite, [] { FAIL() << "it is alive"; }, 1s);
  ASSERT_TRUE(first);
  first->heard();
  const auto second = turns.take(
      "a", Manner::polite, [] {}, 1s);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "upload_in_use");
  EXPECT_TRUE(turns.take(
      "b", Manner::polite, [] {}, 0ms))
      << "of another upload";
}

TEST(UploadTurns, TakesOverFromOneThatIsQuiet) {
  UploadTurns turns;
  std::promise<void> broken_off;
  std::promise<void> taken;
  std::thread holder([&] {
    auto first = turns.take(
        "a", Manner::polite, [&] { broken_off.set_value(); }, 1s);
    ASSERT_TRUE(first);
    taken.set_value();
    broken_off.get_future().wait();
    EXPECT_TRUE(first->is_asked_for());
  });
  taken.get_future().wait();
  EXPECT_FALSE(turns.take(
      "a", Manner::polite, [] {}, 10s))
      << "it has only begun";
  std::this_thread::sleep_for(UploadTurns::kQuiet + 50ms);
  EXPECT_TRUE(turns.take(
      "a", Manner::polite, [] {}, 10s));
  holder.join();
}

TEST(UploadTurns, WaitsForOneThatWaitsForNothing) {
  UploadTurns turns;
  std::promise<void> taken;
  std::thread holder([&] {
    const auto first = turns.take("a", Manner::polite, nullptr, 1s);
    taken.set_value();
    std::this_thread::sleep_for(50ms);
  });
  taken.get_future().wait();
  EXPECT_TRUE(turns.take(
      "a", Manner::polite, [] {}, 10s));
  holder.join();
}

TEST(UploadTurns, InsistsAgainstOneThatIsAlive) {
  UploadTurns turns;
  bool broken_off = false;
  auto first = turns.take(
      "a", Manner::polite, [&] { broken_off = true; }, 1s);
  ASSERT_TRUE(first);
  first->heard();
  EXPECT_FALSE(turns.take(
      "a", Manner::insisting, [] {}, 10ms))
      << "it does not give way";
  EXPECT_TRUE(broken_off);
}

TEST(UploadTurns, NeverBreaksOffOneThatFinishes) {
  UploadTurns turns;
  auto first = turns.take(
      "a", Manner::polite, [] { FAIL() << "its bytes are all here"; }, 1s);
  ASSERT_TRUE(first);
  first->begin_finishing();
  EXPECT_FALSE(turns.take(
      "a", Manner::insisting, [] {}, 10ms));
}

}  // namespace
}  // namespace pacs::archive
