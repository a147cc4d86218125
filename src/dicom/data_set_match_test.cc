#include "dicom/data_set_match.h"

#include <gtest/gtest.h>

namespace pacs::dicom {
namespace {

constexpr std::string_view kDataSet =
    R"({"00080060":{"vr":"CS","Value":["CT"]},)"
    R"("00091001":{"vr":"LO","Value":["Acme"]},"00091002":{"vr":"IS","Value":[12]},)"
    R"("00091003":{"vr":"SQ","Value":[{"00091004":{"vr":"SH","Value":["deep"]}}]},)"
    R"("00100010":{"vr":"PN","Value":[{"Alphabetic":"Doe^Jane"}]},"00100020":{"vr":"LO"},)"
    R"("00400275":{"vr":"SQ","Value":[)"
    R"({"00400007":{"vr":"LO","Value":["Head"]},"00400009":{"vr":"SH","Value":["S1"]}},)"
    R"({"00400007":{"vr":"LO","Value":["Neck"]},"00400009":{"vr":"SH","Value":["S2"]}}]}})";

using Question = std::pair<std::string, std::string>;

bool matches(const std::vector<Question>& questions, const MatchOptions& options = {}) {
  std::vector<AttributeMatch> made;
  for (const auto& [attribute, value] : questions) {
    auto match = AttributeMatch::create(*parse_attribute_path(attribute), value, options);
    EXPECT_TRUE(match) << attribute;
    made.push_back(std::move(*match));
  }
  std::vector<const AttributeMatch*> all;
  for (const AttributeMatch& match : made) all.push_back(&match);
  return matches_all(kDataSet, all);
}

TEST(DataSetMatch, AllMustMatch) {
  EXPECT_TRUE(matches({}));
  EXPECT_TRUE(matches({{"Modality", "CT"}, {"PatientName", "doe*"}}));
  EXPECT_FALSE(matches({{"Modality", "CT"}, {"PatientName", "roe*"}}));
  EXPECT_FALSE(matches({{"PatientID", "x"}}));
  EXPECT_TRUE(matches({{"PatientID", ""}}));
  EXPECT_FALSE(matches({{"BodyPartExamined", "HEAD"}}));
}

// Q2: sequences by dotted path.
TEST(DataSetMatch, OneItemMustMatchAllThatIsAskedOfTheSequence) {
  const std::string description = "RequestAttributesSequence.ScheduledProcedureStepDescription";
  const std::string id = "00400275.00400009";
  EXPECT_TRUE(matches({{description, "Neck"}}));
  EXPECT_TRUE(matches({{description, "Neck"}, {id, "S2"}}));
  EXPECT_FALSE(matches({{description, "Neck"}, {id, "S1"}})) << "of two items";
  EXPECT_FALSE(matches({{"00081140.00081155", "1.2"}}));
}

// Q20: what the dictionary does not know is compared by the VR that it has.
TEST(DataSetMatch, PrivateAttributesMatchByTheirOwnVr) {
  EXPECT_TRUE(matches({{"00091001", "Ac*"}}));
  EXPECT_TRUE(matches({{"00091002", "012"}}));
  EXPECT_FALSE(matches({{"00091002", "1*"}}));
  EXPECT_TRUE(matches({{"00091003.00091004", "deep"}}));
  EXPECT_FALSE(matches({{"00091005", "x"}}));
  EXPECT_TRUE(matches({{"00091005", ""}}));
}

// Q12
TEST(DataSetMatch, EmptyValuesAreFoundWhenAskedFor) {
  const MatchOptions options{.empty_values = true};
  EXPECT_TRUE(matches({{"PatientID", R"("")"}}, options));
  EXPECT_TRUE(matches({{"BodyPartExamined", R"("")"}}, options)) << "absent";
  EXPECT_FALSE(matches({{"Modality", R"("")"}}, options));
  EXPECT_TRUE(matches({{"00081140.00081155", R"("")"}}, options)) << "no item";
  EXPECT_FALSE(matches({{"00400275.00400009", R"("")"}}, options));
}

// Q18
TEST(DataSetMatch, SequencesAndBytesAreNotComparedWithAValue) {
  for (const char* attribute : {"00400275", "7FE00010"}) {
    EXPECT_FALSE(AttributeMatch::create(*parse_attribute_path(attribute), "x", {})) << attribute;
    EXPECT_TRUE(AttributeMatch::create(*parse_attribute_path(attribute), "", {})) << attribute;
  }
}

TEST(DataSetMatch, AVeryLongValueIsNotMatched) {
  const std::string stars(AttributeMatch::kQuestionSizeMax + 1, '*');
  EXPECT_FALSE(AttributeMatch::create(*parse_attribute_path("PatientID"), stars, {}));
  EXPECT_FALSE(AttributeMatch::create(*parse_attribute_path("00091001"), stars, {}));
  std::string uids = "1.2";
  while (uids.size() < stars.size()) uids += ",1.2.3";
  EXPECT_TRUE(AttributeMatch::create(*parse_attribute_path("StudyInstanceUID"), uids, {}));
}

}  // namespace
}  // namespace pacs::dicom
