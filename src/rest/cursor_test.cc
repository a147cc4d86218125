#include "rest/cursor.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

namespace pacs::rest {
namespace {

class CursorTest : public ::testing::Test {
 protected:
  testing_support::TemporaryFolder folder_;
  ManualClock clock_;
  SystemRandom random_;
  std::unique_ptr<storage::SigningKeys> keys_ =
      storage::SigningKeys::open(folder_ / "keys", clock_, random_).value();
};

TEST_F(CursorTest, ComesBackAsItWas) {
  const Cursor cursor{Cursor::Direction::previous, std::string("na\0me\xff", 6), 42};
  EXPECT_EQ(read_cursor(write_cursor(cursor, "list", *keys_), "list", *keys_).value(), cursor);
}

TEST_F(CursorTest, OpensNoOtherList) {
  const std::string text = write_cursor({Cursor::Direction::next, "k", 7}, "reader A", *keys_);
  EXPECT_EQ(read_cursor(text, "reader B", *keys_).error().reason, "bad_cursor");
}

TEST_F(CursorTest, NoticesEveryChangedCharacter) {
  const std::string text = write_cursor({Cursor::Direction::next, "k", 7}, "list", *keys_);
  for (size_t at = 0; at < text.size(); ++at) {
    std::string changed = text;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(read_cursor(changed, "list", *keys_)) << at;
  }
}

TEST_F(CursorTest, RefusesWhatIsNoCursor) {
  for (const char* text : {"", ".", "..", "a.b", "a.b.c", "a.b.c.d", "1"}) {
    EXPECT_EQ(read_cursor(text, "list", *keys_).error().reason, "bad_cursor") << text;
  }
  EXPECT_FALSE(read_cursor(std::string(100'000, 'x'), "list", *keys_));
}

TEST_F(CursorTest, SurvivesARotationOfKeysButNotTheirLoss) {
  const std::string text = write_cursor({Cursor::Direction::next, "k", 7}, "list", *keys_);
  ASSERT_TRUE(keys_->rotate());
  EXPECT_TRUE(read_cursor(text, "list", *keys_));
  ASSERT_TRUE(keys_->rotate(storage::OldKeys::dropped_now));
  EXPECT_FALSE(read_cursor(text, "list", *keys_));
}

}  // namespace
}  // namespace pacs::rest
