#include "dicomweb/frame_list.h"

#include <gtest/gtest.h>

namespace pacs::dicomweb {
namespace {

TEST(FrameListTest, KeepsTheOrderAskedFor) {  // F1
  EXPECT_EQ(parse_frame_list("3,1,3", 3).value(), (std::vector<size_t>{2, 0, 2}));
  EXPECT_EQ(parse_frame_list("1", 1).value(), (std::vector<size_t>{0}));
}

TEST(FrameListTest, TellsWhatDoesNotExistFromWhatIsNoList) {  // F2
  EXPECT_EQ(parse_frame_list("4", 3).error().reason, "no_such_frame");
  EXPECT_EQ(parse_frame_list("18446744073709551615", 3).error().reason, "no_such_frame");
  for (const char* text :
       {"", "0", "1,", ",1", "-1", "1;2", "a", "1,,2", "1 2", "99999999999999999999999999"}) {
    EXPECT_EQ(parse_frame_list(text, 3).error().reason, "bad_frame_list") << text;
  }
}

TEST(FrameListTest, HasALimit) {
  std::string text = "1";
  for (size_t i = 1; i <= kFramesAtOnceMax; ++i) text += ",1";
  EXPECT_EQ(parse_frame_list(text, 1).error().reason, "too_large");
}

}  // namespace
}  // namespace pacs::dicomweb
