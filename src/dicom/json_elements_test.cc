#include "dicom/json_elements.h"

#include <gtest/gtest.h>

namespace pacs::dicom {
namespace {

constexpr std::string_view kElements =
    R"({"00080005":{"vr":"CS","Value":["ISO_IR 192"]},)"
    R"("00081140":{"vr":"SQ","Value":[{"00100010":{"vr":"PN","Value":[{"Alphabetic":"In^Side"}]}}]},)"
    R"("00100010":{"vr":"PN","Value":[{"Alphabetic":"A \"}{][,\\","Phonetic":"p"}]},)"
    R"("00100020":{"vr":"LO"},"00200013":{"vr":"IS","Value":[7,null,1.5]}})";

TEST(JsonElements, AreFoundOnTheOutermostLevelAlone) {
  EXPECT_EQ(find_json_element(kElements, tags::kPatientId), R"({"vr":"LO"})");
  const auto name = find_json_element(kElements, tags::kPatientName);
  ASSERT_TRUE(name);
  const auto parsed = parse_json_element(*name);
  ASSERT_TRUE(parsed) << *name;
  EXPECT_EQ(values_of(*parsed).texts, AttributeTexts{R"(A "}{][,\==p)"});
  EXPECT_FALSE(find_json_element(kElements, tags::kRows));
  size_t count = 0;
  for_each_json_element(kElements, [&](Tag, std::string_view) { return ++count < 100; });
  EXPECT_EQ(count, 5U);
}

TEST(JsonElements, NumbersAndGapsAreTexts) {
  const auto parsed = parse_json_element(*find_json_element(kElements, tags::kInstanceNumber));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(values_of(*parsed).vr, Vr::IS);
  EXPECT_EQ(values_of(*parsed).texts, (AttributeTexts{"7", "", "1.5"}));
}

// Q20: private elements of implicit data sets have no VR.
TEST(JsonElements, BytesThatReadAsTextAreText) {
  const auto values = [](const std::string& json) { return values_of(*parse_json_element(json)); };
  const AttributeValues text = values(R"({"vr":"UN","InlineBinary":"Qmx1ZSAA"})");
  EXPECT_EQ(text.vr, Vr::LO);
  EXPECT_EQ(text.texts, AttributeTexts{"Blue"});
  for (const char* base64 : {"AAEC", "////", "", "?"}) {
    EXPECT_TRUE(
        values(R"({"vr":"UN","InlineBinary":")" + std::string(base64) + "\"}").texts.empty())
        << base64;
  }
  EXPECT_TRUE(values(R"({"vr":"OB","InlineBinary":"Qmx1ZSAA"})").texts.empty());
}

TEST(JsonElements, WhatIsCutOffIsReadAsFarAsItGoes) {
  for (size_t size = 0; size <= kElements.size(); ++size) {
    for_each_json_element(kElements.substr(0, size), [&](Tag, std::string_view json) {
      EXPECT_LE(json.size(), size);
      return true;
    });
  }
}

}  // namespace
}  // namespace pacs::dicom
