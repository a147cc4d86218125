#include "archive/claims.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace pacs::archive {
namespace {

using std::chrono::milliseconds;

dicom::SopInstanceUid uid(const char* text) { return *dicom::SopInstanceUid::parse(text); }

TEST(Claims, LetsOneHoldAnImageAtATime) {
  Claims claims;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> senders;
  for (int sender = 0; sender < 16; ++sender) {
    senders.emplace_back([&] {
      const auto claim = claims.claim(uid("1.2.3"), milliseconds(60'000));
      ASSERT_TRUE(claim);
      most = std::max(most.load(), ++inside);
      std::this_thread::yield();
      --inside;
    });
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(most, 1);
}

TEST(Claims, TellsTheWaitingThatItIsBusy) {
  Claims claims;
  const auto held = claims.claim(uid("1.2.3"), milliseconds(0));
  ASSERT_TRUE(held);
  const auto second = claims.claim(uid("1.2.3"), milliseconds(5));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
  EXPECT_TRUE(claims.claim(uid("1.2.4"), milliseconds(0))) << "another image is free";
}

TEST(Claims, TakesAUuidAndItsDicomFormForOne) {
  Claims claims;
  const auto uuid = uid("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  const auto held = claims.claim(uuid, milliseconds(0));
  ASSERT_TRUE(held);
  EXPECT_FALSE(claims.claim(uid(uuid.to_dicom().c_str()), milliseconds(1)));
}

}  // namespace
}  // namespace pacs::archive
