#include "archive/declared_metadata.h"

#include <gtest/gtest.h>

namespace pacs::archive {
namespace {

Result<DeclaredMetadata> parse(std::string_view json) {
  return DeclaredMetadata::from_json(JsonValue::parse(json).value());
}

TEST(DeclaredMetadata, TakesWhatTheApplicationSends) {
  const auto declared = parse(
      R"({"study_uid":"8F06E605-e810-4418-85cb-6304772f152e","modality":"CR","patient_name":" Doe ",
          "study_date":"2026-02-28","series_number":"3","instance_number":7,"mood":{"any":1}})");
  ASSERT_TRUE(declared) << declared.error().detail;
  EXPECT_EQ(declared->study_uid->str(), "8f06e605-e810-4418-85cb-6304772f152e");
  EXPECT_EQ(declared->patient_name, "Doe");
  EXPECT_EQ(declared->series_number, 3);
  EXPECT_EQ(declared->instance_number, 7);
  EXPECT_NE(declared->json.find("\"mood\":{\"any\":1}"), std::string::npos) << "kept as sent";
}

TEST(DeclaredMetadata, TakesNothingForNotDeclared) {
  for (const char* json :
       {"null", "{}", R"({"study_uid":null,"series_number":"","modality":""})"}) {
    const auto declared = parse(json);
    ASSERT_TRUE(declared) << json;
    EXPECT_FALSE(declared->study_uid) << json;
    EXPECT_FALSE(declared->series_number) << json;
  }
}

TEST(DeclaredMetadata, NamesTheFieldThatIsWrong) {
  const struct {
    const char* json;
    const char* field;
  } cases[] = {{R"({"study_uid":"../../etc"})", "study_uid"},
               {R"({"image_uid":"1..2"})", "image_uid"},
               {R"({"study_date":"2026-02-30"})", "study_date"},
               {R"({"study_date":"20260228"})", "study_date"},
               {R"({"series_number":"three"})", "series_number"},
               {R"({"series_number":1.5})", "series_number"},
               {R"({"modality":["CT"]})", "modality"},
               {R"([])", "image_metadata"}};
  for (const auto& wrong : cases) {
    const auto declared = parse(wrong.json);
    ASSERT_FALSE(declared) << wrong.json;
    EXPECT_EQ(declared.error().reason, "bad_field") << wrong.json;
    EXPECT_NE(declared.error().detail.find(wrong.field), std::string::npos) << wrong.json;
  }
  EXPECT_FALSE(parse(R"({"body_part":")" + std::string(2000, 'x') + R"("})"));
}

}  // namespace
}  // namespace pacs::archive
