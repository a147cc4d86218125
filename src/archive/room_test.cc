#include "archive/room.h"

#include <gtest/gtest.h>

#include "core/metrics.h"
#include "storage/memory_blob_store.h"
#include "tests/support/temporary_folder.h"

namespace pacs::archive {
namespace {

constexpr uint64_t kGiB = uint64_t{1} << 30;

TEST(LowWaterMark, IsATenthOfASmallDisk) {
  EXPECT_EQ(low_water_mark(kGiB, 500 * kGiB), kGiB);
  EXPECT_EQ(low_water_mark(kGiB, 5 * kGiB), kGiB / 2);
  EXPECT_EQ(low_water_mark(kGiB, 0), kGiB) << "nobody knows how large it is";
  EXPECT_EQ(low_water_mark(0, 500 * kGiB), 0U);
}

class RoomTest : public ::testing::Test {
 protected:
  Room room_of(uint64_t bytes_free_min) {
    return {stores_, folder_.path().string(), bytes_free_min, clock_, metrics_};
  }

  testing_support::TemporaryFolder folder_;
  ManualClock clock_;
  Metrics metrics_;
  Stores stores_{storage::make_memory_blob_store()};
};

TEST_F(RoomTest, WhatIsThereIsEnough) {
  Room room = room_of(1);
  EXPECT_TRUE(room.check());
  EXPECT_TRUE(room.check(uint64_t{1} << 40)) << "memory takes all";
  const std::string text = metrics_.text();
  EXPECT_NE(text.find("pacs_lite_free_bytes{place=\"index\"}"), std::string::npos) << text;
  EXPECT_NE(text.find("pacs_lite_refused_for_space_total 0"), std::string::npos) << text;
}

TEST_F(RoomTest, AFolderThatIsGoneIsAnErrorOfItsOwn) {
  Room room(stores_, (folder_.path() / "missing").string(), 1, clock_, metrics_);
  const auto checked = room.check();
  ASSERT_FALSE(checked);
  EXPECT_NE(checked.error().reason, "no_space");
}

}  // namespace
}  // namespace pacs::archive
