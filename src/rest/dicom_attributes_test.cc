#include "rest/dicom_attributes.h"

#include <gtest/gtest.h>

namespace pacs::rest {
namespace {

TEST(AttributeRows, NamesTagsAndJoinsValues) {
  const auto rows = attribute_rows(R"({
    "00100010":{"vr":"PN","Value":[{"Alphabetic":"Doe^Jane"}]},
    "00080008":{"vr":"CS","Value":["ORIGINAL","PRIMARY"]},
    "00280010":{"vr":"US","Value":[64]},
    "00091001":{"vr":"UN","InlineBinary":"AAECAw=="},
    "7FE00010":{"vr":"OW","BulkDataURI":"x"},
    "00080090":{"vr":"PN"}})");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 6U);
  EXPECT_EQ((*rows)[0].keyword, "PatientName");
  EXPECT_EQ((*rows)[0].tag, "(0010,0010)");
  EXPECT_EQ((*rows)[0].value, "Doe^Jane");
  EXPECT_EQ((*rows)[1].value, "ORIGINAL\\PRIMARY");
  EXPECT_EQ((*rows)[2].value, "64");
  EXPECT_EQ((*rows)[3].value, "(4 bytes)");
  EXPECT_EQ((*rows)[3].keyword, "");
  EXPECT_EQ((*rows)[4].value, "(not shown: binary data)");
  EXPECT_EQ((*rows)[5].value, "");
}

TEST(AttributeRows, ShowsItemsBelowTheirSequence) {
  const auto rows = attribute_rows(R"({"00400275":{"vr":"SQ","Value":[
    {"00400007":{"vr":"LO","Value":["CT HEAD"]}},{}]}})");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0].value, "(2 items)");
  EXPECT_EQ((*rows)[1].depth, 1U);
  EXPECT_EQ((*rows)[1].value, "CT HEAD");
}

TEST(AttributeRows, ReadsWhatIsNestedAsDeeplyAsAnImageMayBe) {
  std::string json = R"({"00100010":{"vr":"PN","Value":[{"Alphabetic":"Doe"}]}})";
  for (size_t depth = 0; depth < 64; ++depth) {
    json = R"({"00400275":{"vr":"SQ","Value":[)" + json + "]}}";
  }
  const auto rows = attribute_rows(json);
  ASSERT_TRUE(rows) << rows.error().detail;
  EXPECT_EQ(rows->size(), kAttributeDepthMax + 1);
}

TEST(AttributeRows, StopsAtItsLimits) {
  std::string many = "{";
  for (size_t index = 0; index < kAttributeRowsMax + 10; ++index) {
    char name[16];
    std::snprintf(name, sizeof name, "%08zX", 0x00100000 + index);
    many += (index == 0 ? "\"" : ",\"") + std::string(name) + R"(":{"vr":"LO","Value":["x"]})";
  }
  EXPECT_EQ(attribute_rows(many + "}")->size(), kAttributeRowsMax);

  const auto rows = attribute_rows(R"({"00104000":{"vr":"LT","Value":[")" +
                                   std::string(kAttributeValueBytesMax - 1, 'a') + "üü\"]}}");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->front().value, std::string(kAttributeValueBytesMax - 1, 'a') + "…");
}

TEST(AttributeRows, RefusesWhatIsNoJson) {
  EXPECT_FALSE(attribute_rows("not json"));
  EXPECT_TRUE(attribute_rows("[]")->empty());
}

TEST(PersonNameForPeople, ShowsFamilyThenGivenNames) {
  EXPECT_EQ(person_name_for_people("Doe^Jane^Mary^Dr^"), "Doe, Jane Mary Dr");
  EXPECT_EQ(person_name_for_people("Doe"), "Doe");
  EXPECT_EQ(person_name_for_people("^Jane"), "Jane");
  EXPECT_EQ(person_name_for_people("Yamada^Tarou=山田^太郎=やまだ^たろう"), "Yamada, Tarou");
  EXPECT_EQ(person_name_for_people(""), "");
}

}  // namespace
}  // namespace pacs::rest
