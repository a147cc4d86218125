#include "dicom/attribute_path.h"

#include <gtest/gtest.h>

namespace pacs::dicom {
namespace {

std::string tags_of(std::string_view text) {
  const auto path = parse_attribute_path(text);
  return path ? to_string(*path) : "nothing";
}

// Q2: 8-hex tags or keywords, dotted paths, in any case.
TEST(AttributePath, NamesAnAttributeByTagKeywordOrPath) {
  EXPECT_EQ(tags_of("00100010"), "00100010");
  EXPECT_EQ(tags_of("0020000d"), "0020000D");
  EXPECT_EQ(tags_of("PatientName"), "00100010");
  EXPECT_EQ(tags_of("patientNAME"), "00100010");
  EXPECT_EQ(tags_of("RequestAttributesSequence.ScheduledProcedureStepID"), "00400275.00400009");
  EXPECT_EQ(tags_of("00400275.scheduledprocedurestepid"), "00400275.00400009");
  EXPECT_EQ(tags_of("00091001"), "00091001") << "private";
  EXPECT_EQ(tags_of("00091002.00091003"), "00091002.00091003") << "in a private sequence";
}

// Q18: an unknown attribute is told.
TEST(AttributePath, IsNothingForWhatNamesNoAttribute) {
  for (const char* text :
       {"", ".", "Patient", "0010001", "00100010x", "00108888", "00020010", "PatientName.",
        ".PatientName", "PatientName.PatientID", "FFFEE000", "00080000", "00100010.00100020"}) {
    EXPECT_EQ(tags_of(text), "nothing") << text;
  }
  std::string deep = "00400275";
  for (size_t i = 0; i < AttributePath::kDepthMax; ++i) deep += ".00400275";
  EXPECT_EQ(tags_of(deep), "nothing");
}

}  // namespace
}  // namespace pacs::dicom
