#include "access/failed_attempts.h"

#include <gtest/gtest.h>

namespace pacs::access {
namespace {

using Address = std::array<uint8_t, 16>;

TEST(ClientBlock, IsTheAddressOfIpv4AndTheNetOfIpv6) {
  EXPECT_EQ(client_block(Address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}),
            "192.0.2.1");
  EXPECT_EQ(client_block(Address{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, 9}),
            "2001:db8:0:1::/64");
  EXPECT_EQ(client_block(std::nullopt), "local");
}

TEST(FailedAttempts, AreLetThroughUpToABurstAndThenAtARate) {
  ManualClock clock;
  FailedAttempts failed(clock);
  for (int i = 0; i < FailedAttempts::kBurst; ++i) {
    ASSERT_FALSE(failed.too_many("192.0.2.1")) << i;
    failed.note("192.0.2.1");
  }
  EXPECT_TRUE(failed.too_many("192.0.2.1"));
  EXPECT_FALSE(failed.too_many("192.0.2.2")) << "others are not punished";

  clock.advance(std::chrono::milliseconds(50));
  EXPECT_TRUE(failed.too_many("192.0.2.1"));
  clock.advance(std::chrono::milliseconds(60));
  EXPECT_FALSE(failed.too_many("192.0.2.1"));
  failed.note("192.0.2.1");
  EXPECT_TRUE(failed.too_many("192.0.2.1"));
}

TEST(FailedAttempts, RememberABoundedNumberOfAddresses) {
  ManualClock clock;
  FailedAttempts failed(clock);
  for (size_t i = 0; i < FailedAttempts::kAddressesMax + 100; ++i) {
    failed.note("address " + std::to_string(i));
    for (int j = 0; i == 0 && j < FailedAttempts::kBurst; ++j) failed.note("address 0");
  }
  EXPECT_EQ(failed.size(), FailedAttempts::kAddressesMax);
  EXPECT_FALSE(failed.too_many("address 0")) << "the oldest was forgotten";
}

}  // namespace
}  // namespace pacs::access
