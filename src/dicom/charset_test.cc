#include "dicom/charset.h"

#include <gtest/gtest.h>

namespace pacs::dicom {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view character_set;
  std::string_view bytes;
  std::string_view text;
};

// The names of PS3.5 annexes H, I, J and K, and one for each single-byte set.
constexpr Case kNames[] = {
    {"", "Adams^John", "Adams^John"},
    {"ISO_IR 100", "Buc^J\xE9r\xF4me", "Buc^Jérôme"},
    {"ISO_IR 100",
     "\xC4neas^R\xFC"
     "diger",
     "Äneas^Rüdiger"},
    {"ISO_IR 101", "Wa\xB3\xEAsa^Lech", "Wałęsa^Lech"},
    {"ISO_IR 109", "\xA6ipa^\xFE", "Ĥipa^ŝ"},
    {"ISO_IR 110", "\xAA^\xBA", "Ē^ē"},
    {"ISO_IR 144", "\xBB\xEE\xDA\xE1\xD5\xDC\xD1\xE3\xE0\xD3", "Люксембург"},
    {"ISO_IR 127", "\xE2\xC8\xC7\xE6\xEA^\xE4\xE6\xD2\xC7\xD1", "قباني^لنزار"},
    {"ISO_IR 126", "\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2", "Διονυσιος"},
    {"ISO_IR 138", "\xF9\xF8\xE5\xEF^\xE3\xE1\xE5\xF8\xE4", "שרון^דבורה"},
    {"ISO_IR 148", "\xC7\xFDld\xFDr", "Çıldır"},
    {"ISO_IR 203", "\xA4^\xBD", "€^œ"},
    {"ISO_IR 166", "\xB9\xD2\xC2", "นาย"},
    {"ISO_IR 13", "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3", "ﾔﾏﾀﾞ^ﾀﾛｳ"},
    {"ISO_IR 192",
     "Wang^XiaoDong=\xE7\x8E\x8B^\xE5\xB0\x8F\xE6\x9D\xB1=", "Wang^XiaoDong=王^小東="},
    {"GB18030", "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB=", "Wang^XiaoDong=王^小东="},
    {"GBK", "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", "Wang^XiaoDong=王^小东"},
    // H.3.1
    {"\\ISO 2022 IR 87",
     "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B",
     "Yamada^Tarou=山田^太郎=やまだ^たろう"},
    // H.3.2
    {"ISO 2022 IR 13\\ISO 2022 IR 87",
     "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B$B;3ED\x1B(J^\x1B$BB@O:\x1B(J="
     "\x1B$B$d$^$@\x1B(J^\x1B$B$?$m$&\x1B(J",
     "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"},
    // JIS X 0212, as in 丂
    {"ISO 2022 IR 6\\ISO 2022 IR 159", "\x1B$(D\x30\x21\x1B(B", "丂"},
    // I.2
    {"\\ISO 2022 IR 149",
     "Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7="
     "\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF",
     "Hong^Gildong=洪^吉洞=홍^길동"},
    // K.2
    {"\\ISO 2022 IR 58",
     "Zhang^XiaoDong=\x1B$)A\xD5\xC5^\x1B$)A\xD0\xA1\xB6\xAB=", "Zhang^XiaoDong=张^小东="},
    // Two sets of one byte by code extensions.
    {"ISO 2022 IR 100\\ISO 2022 IR 144", "J\xE9r\xF4me=\x1B-L\xBB\xEE", "Jérôme=Лю"},
};

TEST(CharsetTest, DecodesTheExamplesOfTheStandard) {
  for (const Case& name : kNames) {
    EXPECT_EQ(CharacterSet::parse(name.character_set).to_utf8(name.bytes, Vr::PN), name.text)
        << name.character_set;
  }
}

TEST(CharsetTest, TakesUsualMisspellings) {
  for (const std::string_view term :
       {"ISO IR 100", "ISO-IR 100", "ISO_IR_100", "iso_ir 100 ", "ISO_IR100", "ISO 8859-1"}) {
    EXPECT_EQ(CharacterSet::parse(term).to_utf8("J\xE9r\xF4me", Vr::PN), "Jérôme") << term;
  }
  EXPECT_EQ(CharacterSet::parse("UTF-8").to_utf8("\xC3\xA9", Vr::PN), "é");
}

TEST(CharsetTest, ReadsUndeclaredBytesAsUtf8OrElseAsLatin1) {
  for (const std::string_view undeclared : {"", "ISO_IR 6", "NOBODY KNOWS"}) {
    const CharacterSet set = CharacterSet::parse(undeclared);
    EXPECT_EQ(set.to_utf8("M\xFCller", Vr::PN), "Müller") << undeclared;
    EXPECT_EQ(set.to_utf8("M\xC3\xBCller", Vr::PN), "Müller") << undeclared;
  }
}

TEST(CharsetTest, ShowsWhatCannotBeDecoded) {
  EXPECT_EQ(CharacterSet::parse("ISO_IR 192").to_utf8("a\xFFz", Vr::LO), "a\uFFFDz");
  EXPECT_EQ(CharacterSet::parse("GB18030").to_utf8("a\xFF", Vr::LO), "a\uFFFD");
  EXPECT_EQ(CharacterSet::parse("\\ISO 2022 IR 87").to_utf8("\x1B$B;", Vr::LO), "\uFFFD");
  EXPECT_EQ(CharacterSet::parse("\\ISO 2022 IR 87").to_utf8("\x1B%9x", Vr::LO), "\uFFFD%9x");
  EXPECT_EQ(CharacterSet::parse("ISO_IR 13").to_utf8("\x80", Vr::LO), "\uFFFD");
}

TEST(CharsetTest, ReturnsToTheFirstSetBehindADelimiter) {
  const CharacterSet set = CharacterSet::parse("ISO 2022 IR 100\\ISO 2022 IR 144");
  EXPECT_EQ(set.to_utf8("\x1B-L\xBB^\xE9", Vr::PN), "Л^é");
  EXPECT_EQ(set.to_utf8("\x1B-L\xBB\\\xE9", Vr::LO), "Л\\é");
  EXPECT_EQ(set.to_utf8("\x1B-L\xBB\n\xE9", Vr::LT), "Л\né");
  EXPECT_EQ(set.to_utf8("\x1B-L\xBB\\\xBB", Vr::LT), "Л\\Л") << "LT has one value";
}

TEST(CharsetTest, TakesABackslashWithinACharacterForNoDelimiter) {
  // The second byte of 表 and of 十 in these sets is 5C.
  const CharacterSet gb = CharacterSet::parse("GB18030");
  EXPECT_EQ(gb.values_to_utf8("\x81\x5C\\b", Vr::LO).size(), 2U);
  const CharacterSet kanji = CharacterSet::parse("\\ISO 2022 IR 87");
  EXPECT_EQ(kanji.values_to_utf8("\x1B$B\x30\x5C\x1B(B\\b", Vr::LO).size(), 2U);
}

TEST(CharsetTest, TakesPaddingOffEachValue) {
  using Values = std::vector<std::string>;
  const CharacterSet set;
  EXPECT_EQ(set.values_to_utf8(" A \\B ", Vr::LO), (Values{"A", "B"}));
  EXPECT_EQ(set.values_to_utf8("1.2\\3.4\0"sv, Vr::UI), (Values{"1.2", "3.4"}));
  EXPECT_EQ(set.values_to_utf8("  a\\b ", Vr::LT), (Values{"  a\\b"}));
  EXPECT_EQ(set.values_to_utf8("", Vr::LO), (Values{""}));
}

TEST(CharsetTest, LeavesOutTheEmptyEndsOfAName) {
  EXPECT_EQ(without_trailing_delimiters("Doe^John^^^"), "Doe^John");
  EXPECT_EQ(without_trailing_delimiters("^^^^"), "");
  EXPECT_EQ(without_trailing_delimiters("A^B=C^^="), "A^B=C");
  EXPECT_EQ(without_trailing_delimiters("=C"), "=C");
  EXPECT_EQ(without_trailing_delimiters("^John"), "^John");
}

TEST(CharsetTest, SurvivesEveryTwoBytesInEverySet) {
  for (const std::string_view set : {"ISO_IR 192", "GB18030", "GBK", "ISO_IR 13", "ISO_IR 166",
                                     "\\ISO 2022 IR 87", "\\ISO 2022 IR 149", "\\ISO 2022 IR 58"}) {
    const CharacterSet character_set = CharacterSet::parse(set);
    for (int first = 0; first < 256; ++first) {
      for (int second = 0; second < 256; second += 5) {
        const std::string text{'\x1B', '$', 'B', static_cast<char>(first),
                               static_cast<char>(second)};
        EXPECT_FALSE(character_set.to_utf8(text, Vr::PN).empty());
        (void)character_set.to_utf8(text.substr(3), Vr::PN);
      }
    }
  }
}

}  // namespace
}  // namespace pacs::dicom
