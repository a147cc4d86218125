#include "dicom/json_data_set.h"

#include <string>

#include <gtest/gtest.h>

#include "dicom/dicom_json.h"

namespace pacs::dicom {
namespace {

Result<DataSet> data_set_of(const std::string& json) {
  const auto parsed = JsonValue::parse(json, kJsonModelDepthMax);
  EXPECT_TRUE(parsed) << json;
  return read_json_data_set(*parsed, [](const std::string& uri) -> Result<BulkPlace> {
    if (uri == "there") return BulkPlace{1000, 7};
    return not_found("bulk_data_missing", "");
  });
}

std::string reason_of_json(const std::string& json) {
  const auto data_set = data_set_of(json);
  return data_set ? "taken" : data_set.error().reason;
}

TEST(JsonDataSetTest, SaysWhatTheJsonSays) {
  const std::string json =
      R"({"00080005":{"vr":"CS","Value":["ISO_IR 192"]},)"
      R"("00080008":{"vr":"CS","Value":["ORIGINAL",null,"AXIAL"]},)"
      R"("00081161":{"vr":"UL","Value":[1,4294967295]},)"
      R"("00100010":{"vr":"PN","Value":[{"Alphabetic":"A^B","Phonetic":"c"}]},)"
      R"("00100020":{"vr":"LO","Value":["Ü"]},)"
      R"("00100030":{"vr":"DA"},)"
      R"("00180050":{"vr":"DS","Value":[1.5,-2]},)"
      R"("0018605A":{"vr":"FL","Value":[0.1,"inf"]},)"
      R"("00189073":{"vr":"FD","Value":["NaN",1e-300]},)"
      R"("00205000":{"vr":"AT","Value":["00100020"]},)"
      R"("00280106":{"vr":"SS","Value":[-5]},)"
      R"("00291001":{"vr":"UN","InlineBinary":"AAECAw=="},)"
      R"("0040A730":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["1"]}},{}]}})";
  const auto data_set = data_set_of(json);
  ASSERT_TRUE(data_set) << to_string(data_set.error());
  EXPECT_EQ(to_dicom_json(*data_set), json);
}

TEST(JsonDataSetTest, TakesNumbersAsTextsAndPutsThemInOrder) {
  const auto data_set = data_set_of(
      R"({"00280010":{"vr":"US","Value":["64"]},"00020010":{"vr":"UI","Value":["1.2"]},)"
      R"("00080060":{"vr":"CS","Value":["CT"]},"7FE00010":{"vr":"OW","BulkDataURI":"there"}})");
  ASSERT_TRUE(data_set) << to_string(data_set.error());
  EXPECT_EQ(to_dicom_json(*data_set),
            R"({"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00080060":{"vr":"CS",)"
            R"("Value":["CT"]},"00280010":{"vr":"US","Value":[64]},"7FE00010":{"vr":"OW"}})");
  EXPECT_EQ(data_set->find(tags::kPixelData)->file_offset(), 1000U);
  EXPECT_EQ(data_set->find(tags::kPixelData)->length(), 7U);
}

TEST(JsonDataSetTest, RefusesWhatAVrCannotHave) {
  for (const char* element : {
           R"("00280010":{"vr":"US","Value":[65536]})",
           R"("00280010":{"vr":"US","Value":[-1]})",
           R"("00280010":{"vr":"US","Value":[1.5]})",
           R"("00280010":{"vr":"US","Value":["a"]})",
           R"("00280010":{"vr":"US","InlineBinary":"AAA="})",
           R"("00280010":{"vr":"XX"})",
           R"("00280010":{})",
           R"("00280010":{"vr":"US","Value":7})",
           R"("0018605A":{"vr":"FL","Value":[1e300]})",
           R"("00100010":{"vr":"PN","Value":["A^B"]})",
           R"("00100020":{"vr":"LO","Value":[{}]})",
           R"("00291001":{"vr":"OB","InlineBinary":"?"})",
           R"("00291001":{"vr":"OB","Value":[1]})",
           R"("0040A730":{"vr":"SQ","Value":[1]})",
           R"("0040A730":{"vr":"SQ","BulkDataURI":"there"})",
           R"("Rows":{"vr":"US","Value":[1]})",
       }) {
    EXPECT_EQ(reason_of_json("{" + std::string(element) + "}"), "bad_metadata") << element;
  }
  EXPECT_EQ(reason_of_json(R"({"00291001":{"vr":"OB","BulkDataURI":"elsewhere"}})"),
            "bulk_data_missing");
  std::string deep = "{}";
  for (int level = 0; level < 65; ++level) {
    deep = R"({"0040A730":{"vr":"SQ","Value":[)" + deep + "]}}";
  }
  EXPECT_EQ(reason_of_json(deep), "nested_too_deeply");
}

}  // namespace
}  // namespace pacs::dicom
