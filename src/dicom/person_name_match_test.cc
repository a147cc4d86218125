#include "dicom/person_name_match.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "dicom/wildcard.h"

namespace pacs::dicom {
namespace {

bool literally(std::string_view question, std::string_view name) {
  return PersonNameMatch(question, NameMatching::literal).matches(name);
}
bool fuzzily(std::string_view question, std::string_view name) {
  return PersonNameMatch(question, NameMatching::fuzzy).matches(name);
}

// Q7
TEST(Wildcard, StarsAndQuestionMarks) {
  EXPECT_TRUE(matches_wildcard("*", ""));
  EXPECT_TRUE(matches_wildcard("a*c", "abbbc"));
  EXPECT_TRUE(matches_wildcard("*a*b*", "xxaxxbxx"));
  EXPECT_FALSE(matches_wildcard("*a*b", "xxaxxbxx"));
  EXPECT_TRUE(matches_wildcard("*ab", "aab")) << "the star gives back";
  EXPECT_TRUE(matches_wildcard("M?ller", "Müller")) << "one character, two bytes";
  EXPECT_FALSE(matches_wildcard("M??ller", "Müller"));
  EXPECT_FALSE(matches_wildcard("?", ""));
  EXPECT_FALSE(matches_wildcard("", "a"));
  EXPECT_TRUE(matches_wildcard("", ""));
}

// Q8: without regard to case and accents.
TEST(PersonNameMatch, IsBlindToCaseAccentsAndEmptyEnds) {
  EXPECT_TRUE(literally("DOE^JOHN", "Doe^John"));
  EXPECT_TRUE(literally("Doe^John^^^", "Doe^John"));
  EXPECT_TRUE(literally("Doe^John", "Doe^John^^^"));
  EXPECT_TRUE(literally("muller*", "Müller^Jürgen"));
  EXPECT_TRUE(literally("Müller^*", "MULLER^JURGEN"));
  EXPECT_FALSE(literally("Doe", "Doe^John"));
  EXPECT_FALSE(literally("John^Doe", "Doe^John"));
  EXPECT_TRUE(literally("*oh*", "Doe^John"));
}

// Q15: names in several scripts.
TEST(PersonNameMatch, LooksIntoEachComponentGroup) {
  const std::string_view yamada = "Yamada^Tarou=山田^太郎=やまだ^たろう";
  EXPECT_TRUE(literally("yamada*", yamada));
  EXPECT_TRUE(literally("山田^太郎", yamada));
  EXPECT_TRUE(literally("*たろう", yamada));
  EXPECT_TRUE(literally("=山田*", yamada));
  EXPECT_FALSE(literally("山田*=", yamada)) << "not in the alphabetic group";
  EXPECT_TRUE(literally("Hong^Gildong=洪^吉洞", "Hong^Gildong=洪^吉洞=홍^길동"));
}

// Q9: the documented phonetic.
TEST(PersonNameMatch, SoundsAreSoundexWithTwoChanges) {
  EXPECT_EQ(phonetic_code("Robert"), "R163");
  EXPECT_EQ(phonetic_code("Rupert"), "R163");
  EXPECT_EQ(phonetic_code("Ashcraft"), "A261") << "H does not part";
  EXPECT_EQ(phonetic_code("Tymczak"), "T522") << "a vowel does";
  EXPECT_EQ(phonetic_code("Pfister"), "P236");
  for (const char* name : {"Meyer", "Maier", "Mayr", "MEIER"}) {
    EXPECT_EQ(phonetic_code(name), "M600") << name;
  }
  EXPECT_EQ(phonetic_code("Müller"), phonetic_code("Mueller"));
  EXPECT_EQ(phonetic_code("Philipp"), phonetic_code("Filip"));
  EXPECT_EQ(phonetic_code("Catherine"), phonetic_code("Katharina").substr(0, 4));
  EXPECT_EQ(phonetic_code("Li"), "");
  EXPECT_EQ(phonetic_code("山田"), "");
  EXPECT_EQ(phonetic_code(""), "");
}

TEST(PersonNameMatch, FuzzyFindsPartsOfANameInAnyOrder) {
  EXPECT_TRUE(fuzzily("meyer", "Maier^Hans"));
  EXPECT_TRUE(fuzzily("hans meier", "Maier^Hans"));
  EXPECT_TRUE(fuzzily("*meier*", "Maier^Hans")) << "as OHIF asks";
  EXPECT_TRUE(fuzzily("jo", "Doe^John")) << "the beginning of a part";
  EXPECT_FALSE(fuzzily("smith-jones", "Smyth^Anna")) << "every word is asked for";
  EXPECT_TRUE(fuzzily("smith", "Jones-Smyth^Anna"));
  EXPECT_FALSE(fuzzily("meyer peter", "Maier^Hans"));
  EXPECT_FALSE(fuzzily("schulze", "Maier^Hans"));
  EXPECT_TRUE(fuzzily("太郎", "Yamada^Tarou=山田^太郎"));
  EXPECT_FALSE(fuzzily("^", "Maier^Hans"));
}

// An index that finds less than the match itself would lose patients.
TEST(NameKeys, WhateverMatchesIsFoundByAKey) {
  const char* const names[] = {"Doe^Jane",
                               "",
                               "Müller^Jürgen^^Dr.",
                               "Yamada^Tarou=山田^太郎=やまだ^たろう",
                               "=山田^太郎",
                               "O'Neil-Meyer, Anne Marie",
                               "Łódź  Maier",
                               " spaced ^ out ",
                               "*star?"};
  const char* const questions[] = {
      "doe^jane",   "DOE*",    "*jane",       "d?e*",  "*",        "?*",
      "muller*",    "Mueller", "Jürgen",      "Meyer", "Mayr",     "jane doe",
      "yam*=山田*", "=山*",    "*=*=やまだ*", "太郎",  "ann maie", "*neil*an",
      "spaced^out", "ou",      "*e*",         "lodz",  "^",        "zzz"};
  for (const auto matching : {NameMatching::literal, NameMatching::fuzzy}) {
    size_t found = 0;
    for (const char* question : questions) {
      const PersonNameMatch match(question, matching);
      const auto patterns = name_key_patterns(question, matching);
      for (const char* name : names) {
        const auto keys = name_keys(name);
        const bool has_key = std::any_of(keys.begin(), keys.end(), [&](const NameKey& key) {
          return std::any_of(patterns.begin(), patterns.end(), [&](const NameKey& pattern) {
            return pattern.kind == key.kind && matches_wildcard(pattern.text, key.text);
          });
        });
        if (!match.matches(name)) continue;
        ++found;
        EXPECT_TRUE(patterns.empty() || has_key) << question << " of " << name;
      }
    }
    EXPECT_GT(found, 25U);
  }
  EXPECT_TRUE(name_key_patterns("*", NameMatching::fuzzy).empty());
}

}  // namespace
}  // namespace pacs::dicom
