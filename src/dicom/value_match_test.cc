#include "dicom/value_match.h"

#include <gtest/gtest.h>

namespace pacs::dicom {
namespace {

bool matches(Vr vr, std::string_view question, const AttributeTexts& values,
             const MatchOptions& options = {}) {
  const auto match = ValueMatch::create(vr, question, options);
  EXPECT_TRUE(match) << question;
  return match && match->matches(values);
}

TEST(ValueMatch, AnEmptyQuestionAndAStarMatchAnythingAndNothing) {
  for (const Vr vr : {Vr::LO, Vr::PN, Vr::DA, Vr::UI, Vr::IS, Vr::SQ}) {
    EXPECT_TRUE(matches(vr, "", {}));
    EXPECT_TRUE(matches(vr, "*", {"x"}));
  }
}

// Q7: wild cards in AE CS LO LT PN SH ST UC UR UT, literal in the others. Q8: case matters but in
// names.
TEST(ValueMatch, WildcardsAreForTexts) {
  for (const Vr vr :
       {Vr::AE, Vr::CS, Vr::LO, Vr::LT, Vr::PN, Vr::SH, Vr::ST, Vr::UC, Vr::UR, Vr::UT}) {
    EXPECT_TRUE(matches(vr, "A?C*", {"ABCDE"})) << to_string(vr);
    EXPECT_EQ(matches(vr, "abc*", {"ABCDE"}), vr == Vr::PN) << to_string(vr);
  }
  EXPECT_FALSE(matches(Vr::AS, "04*Y", {"042Y"}));
  EXPECT_TRUE(matches(Vr::AS, "042Y", {"042Y "})) << "padding says nothing";
  EXPECT_TRUE(matches(Vr::LO, "*head*", {"CT HEAD"}, {.fuzzy = true}));
  EXPECT_FALSE(matches(Vr::LO, "ct head", {"CT HEAD"}, {.fuzzy = true}));
}

// Q11
TEST(ValueMatch, UidsComeInListsByCommaOrBackslash) {
  EXPECT_TRUE(matches(Vr::UI, "1.2.3", {"1.2.3"}));
  EXPECT_TRUE(matches(Vr::UI, "1.2.3,1.2.4", {"1.2.4"}));
  EXPECT_TRUE(matches(Vr::UI, R"(1.2.3\1.2.4)", {"1.2.3"}));
  EXPECT_FALSE(matches(Vr::UI, "1.2.3,1.2.4", {"1.2"}));
  EXPECT_TRUE(matches(Vr::UI, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
                      {"2.25.329800735698586629295641978511506172918"}));
}

// Q12, and a comma in code strings, as OHIF asks.
TEST(ValueMatch, SeveralValuesAreAnyOfThemOrAllOfThem) {
  const AttributeTexts ct_and_pt = {"CT", "PT"};
  EXPECT_TRUE(matches(Vr::CS, "CT,US", ct_and_pt));
  EXPECT_TRUE(matches(Vr::CS, R"(CT\US)", ct_and_pt));
  EXPECT_FALSE(matches(Vr::CS, R"(CT\US)", ct_and_pt, {.multiple_values = true}));
  EXPECT_TRUE(matches(Vr::CS, R"(PT\CT)", ct_and_pt, {.multiple_values = true}));
  EXPECT_TRUE(matches(Vr::CS, R"("")", {}, {.empty_values = true}));
  EXPECT_TRUE(matches(Vr::LO, R"("")", {""}, {.empty_values = true}));
  EXPECT_FALSE(matches(Vr::LO, R"("")", {"x"}, {.empty_values = true}));
  EXPECT_FALSE(matches(Vr::LO, R"("")", {}));
  EXPECT_TRUE(matches(Vr::LO, R"("")", {R"("")"})) << "literal unless asked for";
}

TEST(ValueMatch, NumbersAreComparedAsNumbers) {
  EXPECT_TRUE(matches(Vr::IS, "007", {"7"}));
  EXPECT_TRUE(matches(Vr::DS, "0.5", {"5e-1"}));
  EXPECT_FALSE(matches(Vr::DS, "0.5", {"0.51"}));
  EXPECT_TRUE(matches(Vr::UV, "18446744073709551615", {"18446744073709551615"}));
  EXPECT_TRUE(matches(Vr::AT, "0018106a", {"0018106A"}));
}

// Q18
TEST(ValueMatch, TellsWhatIsNoValue) {
  const auto reason = [](Vr vr, std::string_view question) {
    const auto match = ValueMatch::create(vr, question, {});
    return match ? std::string("success") : match.error().reason;
  };
  EXPECT_EQ(reason(Vr::DA, "yesterday"), "bad_value");
  EXPECT_EQ(reason(Vr::DA, "20260131-20260101"), "bad_value");
  EXPECT_EQ(reason(Vr::TM, "25"), "bad_value");
  EXPECT_EQ(reason(Vr::UI, "1.2.*"), "bad_value");
  EXPECT_EQ(reason(Vr::UI, "1.2.3,x"), "bad_value");
  EXPECT_EQ(reason(Vr::IS, "1x"), "bad_value");
  EXPECT_EQ(reason(Vr::AT, "PatientName"), "bad_value");
  EXPECT_EQ(reason(Vr::UI, ","), "success") << "an empty list asks for nothing";
}

}  // namespace
}  // namespace pacs::dicom
