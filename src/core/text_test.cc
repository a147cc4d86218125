#include "core/text.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

TEST(Text, ReadsNumbersStrictly) {
  EXPECT_EQ(parse_unsigned("0"), 0U);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), UINT64_MAX);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x1", "18446744073709551616"}) {
    EXPECT_FALSE(parse_unsigned(text)) << text;
  }
}

TEST(Text, NamesTheNearestWord) {
  const std::vector<std::string> names = {"MEDIA_ROOT", "MEDIA_URL", "STATIC_URL"};
  EXPECT_EQ(nearest("MEDIA_ROT", names), "MEDIA_ROOT");
  EXPECT_EQ(nearest("media_url", names), "MEDIA_URL");
  EXPECT_FALSE(nearest("AWS_ACCESS_KEY_ID", names));
}

TEST(Text, FoldsCaseAndWidthInAnyScript) {
  EXPECT_EQ(fold_case("MÜLLER^Ökter"), fold_case("müller^ökter"));
  EXPECT_EQ(fold_case("ΣΊΣΥΦΟΣ"), fold_case("σίσυφος"));
  EXPECT_EQ(fold_case("ＤＯＥ"), "doe") << "full width";
  EXPECT_NE(fold_case("Muller"), fold_case("Müller"));
  EXPECT_EQ(fold_case("A\xff"), "a\xef\xbf\xbd");
}

TEST(Text, SplitsAndTrims) {
  EXPECT_EQ(split("a,,b", ',').size(), 3U);
  EXPECT_EQ(split("", ',').size(), 1U);
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim("  "), "");
  EXPECT_TRUE(equals_ignoring_case("Content-Length", "content-length"));
  EXPECT_FALSE(is_utf8("\xc0\xaf")) << "overlong";
  EXPECT_FALSE(is_utf8("\xed\xa0\x80")) << "surrogate";
}

TEST(Text, AccentsAreFoldedAwayAndOtherMarksAreNot) {
  EXPECT_EQ(fold_case_and_accents("MÜLLER"), "muller");
  EXPECT_EQ(fold_case_and_accents("Mu\u0308ller"), "muller") << "decomposed";
  EXPECT_EQ(fold_case_and_accents("Łódź"), fold_case_and_accents("LODZ"));
  EXPECT_EQ(fold_case_and_accents("Ægir Størmer"), "aegir stormer");
  EXPECT_EQ(fold_case_and_accents("Weiß"), "weiss");
  EXPECT_NE(fold_case_and_accents("が"), fold_case_and_accents("か"));
  EXPECT_EQ(fold_case_and_accents("山田"), "山田");
  EXPECT_EQ(fold_case_and_accents("\xff"), "\xef\xbf\xbd");
}

}  // namespace
}  // namespace pacs
