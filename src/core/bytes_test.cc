#include "core/bytes.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

TEST(Bytes, EncodesAsTheRfcSays) {
  // RFC 4648 section 10.
  EXPECT_EQ(to_base64(as_bytes("")), "");
  EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
  EXPECT_EQ(to_base64(as_bytes("fo")), "Zm8=");
  EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(to_base64url(as_bytes("\xfb\xff")), "-_8");
  EXPECT_EQ(to_hex(as_bytes("\x01\xab")), "01ab");
}

TEST(Bytes, DecodesWhatItEncodes) {
  std::string text;
  for (int length = 0; length < 70; ++length) {
    EXPECT_EQ(as_text(from_base64(to_base64(as_bytes(text))).value()), text);
    EXPECT_EQ(as_text(from_base64url(to_base64url(as_bytes(text))).value()), text);
    EXPECT_EQ(as_text(from_hex(to_hex(as_bytes(text))).value()), text);
    text.push_back(static_cast<char>(length * 37));
  }
}

TEST(Bytes, RefusesASecondSpellingOfTheSameBytes) {
  EXPECT_FALSE(from_base64url("Zh"));  // bits after the last byte
  EXPECT_FALSE(from_base64url("Zg=="));
  EXPECT_FALSE(from_base64url("Z"));
  EXPECT_FALSE(from_base64("Zg"));
  EXPECT_FALSE(from_base64("Zg== "));
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("0g"));
}

}  // namespace
}  // namespace pacs
