#include "dicom/dicom_json.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "core/json_value.h"
#include "dicom/decimal_text.h"
#include "dicom/header_reader.h"
#include "tests/support/dicom_builder.h"

namespace pacs::dicom {
namespace {

using pacs::testing::DicomBuilder;

std::string json_of(const DicomBuilder& builder, const DicomJsonOptions& options = {}) {
  const std::string file = builder.build();
  const MemoryAccess access(as_bytes(file));
  const auto header = read_header(access);
  return header ? to_dicom_json(header->data_set, options) : to_string(header.error());
}

DicomBuilder only() { return DicomBuilder().text(tags::kModality, Vr::CS, "OT"); }
// What stands behind the modality.
std::string behind_modality(const std::string& json) {
  const std::string start = R"({"00080060":{"vr":"CS","Value":["OT"]},)";
  return json.starts_with(start) ? json.substr(start.size()) : json;
}

TEST(DicomJsonTest, WritesTextWithoutPaddingAndNullForAnEmptyValue) {
  EXPECT_EQ(behind_modality(json_of(only().text({0x0018, 0x1030}, Vr::LO, " a \\\\b"))),
            R"("00181030":{"vr":"LO","Value":["a",null,"b"]}})");
  EXPECT_EQ(behind_modality(json_of(only().text({0x0018, 0x1030}, Vr::LO, ""))),
            R"("00181030":{"vr":"LO"}})");
  EXPECT_EQ(behind_modality(json_of(only().text({0x0020, 0x4000}, Vr::LT, " a\\b\r\n"))),
            R"("00204000":{"vr":"LT","Value":[" a\\b\r\n"]}})");
}

TEST(DicomJsonTest, WritesTheGroupsOfAName) {
  EXPECT_EQ(
      behind_modality(json_of(only()
                                  .text(tags::kSpecificCharacterSet, Vr::CS, "ISO_IR 192")
                                  .text(tags::kPatientName, Vr::PN, "Wang^Xiao=王^小=^^"))),
      R"({"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"00080060":{"vr":"CS","Value":["OT"]},)"
      R"("00100010":{"vr":"PN","Value":[{"Alphabetic":"Wang^Xiao","Ideographic":"王^小"}]}})");
  EXPECT_EQ(behind_modality(json_of(only().text(tags::kPatientName, Vr::PN, "==yama\\\\B^"))),
            R"("00100010":{"vr":"PN","Value":[{"Phonetic":"yama"},null,{"Alphabetic":"B"}]}})");
  EXPECT_EQ(behind_modality(json_of(only().text(tags::kPatientName, Vr::PN, "^^^^"))),
            R"("00100010":{"vr":"PN"}})");
}

TEST(DicomJsonTest, SaysUtf8WhateverTheSetWas) {
  EXPECT_EQ(json_of(DicomBuilder()
                        .text(tags::kSpecificCharacterSet, Vr::CS, "ISO_IR 100")
                        .text(tags::kPatientId, Vr::LO, "\xE9")),
            R"({"00080005":{"vr":"CS","Value":["ISO_IR 192"]},)"
            R"("00100020":{"vr":"LO","Value":["é"]}})");
}

TEST(DicomJsonTest, WritesNumbersDigitByDigit) {
  EXPECT_EQ(
      behind_modality(json_of(only().text({0x0028, 0x0030}, Vr::DS, "0.10\\ +.5 \\1E-07\\x"))),
      R"("00280030":{"vr":"DS","Value":[0.10,0.5,1e-7,"x"]}})");
  EXPECT_EQ(behind_modality(json_of(only().text({0x0020, 0x0013}, Vr::IS, "-007"))),
            R"("00200013":{"vr":"IS","Value":[-7]}})");
}

TEST(DicomJsonTest, WritesBinaryNumbersOfEveryKindInEveryByteOrder) {
  for (const std::string_view uid :
       {kExplicitVrLittleEndian, kExplicitVrBigEndian, kDeflatedExplicitVrLittleEndian}) {
    const auto shown = [&](Vr vr, const std::vector<int64_t>& values) {
      return behind_modality(
          json_of(only().transfer_syntax(uid).numbers({0x0099, 0x1001}, vr, values)));
    };
    EXPECT_EQ(shown(Vr::US, {65535, 0}), R"("00991001":{"vr":"US","Value":[65535,0]}})") << uid;
    EXPECT_EQ(shown(Vr::SS, {-2}), R"("00991001":{"vr":"SS","Value":[-2]}})");
    EXPECT_EQ(shown(Vr::UL, {4294967295}), R"("00991001":{"vr":"UL","Value":[4294967295]}})");
    EXPECT_EQ(shown(Vr::SL, {-1, 1}), R"("00991001":{"vr":"SL","Value":[-1,1]}})");
    EXPECT_EQ(shown(Vr::UV, {-1}), R"("00991001":{"vr":"UV","Value":[18446744073709551615]}})");
    EXPECT_EQ(shown(Vr::SV, {std::numeric_limits<int64_t>::min()}),
              R"("00991001":{"vr":"SV","Value":[-9223372036854775808]}})");
    EXPECT_EQ(shown(Vr::AT, {0x0010ABCD}), R"("00991001":{"vr":"AT","Value":["0010ABCD"]}})");
    EXPECT_EQ(behind_modality(json_of(
                  only().transfer_syntax(uid).floats({0x0099, 0x1001}, Vr::FL, {0.1, -2.5}))),
              R"("00991001":{"vr":"FL","Value":[0.1,-2.5]}})");
    EXPECT_EQ(behind_modality(
                  json_of(only().transfer_syntax(uid).floats({0x0099, 0x1001}, Vr::FD, {0.1}))),
              R"("00991001":{"vr":"FD","Value":[0.1]}})");
  }
}

TEST(DicomJsonTest, WritesWhatIsNoNumberAsAWord) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(behind_modality(json_of(
                only().floats({0x0099, 0x1001}, Vr::FD, {kInfinity, -kInfinity, std::nan("")}))),
            R"("00991001":{"vr":"FD","Value":["inf","-inf","NaN"]}})");
  // Sixty-nine bits: written as an integer it made readers refuse the whole document.
  EXPECT_TRUE(JsonValue::parse(
      json_of(only().floats({0x0099, 0x1001}, Vr::FD, {466232413941404073984.0, -1e22, 2e63}))));
}

TEST(DicomJsonTest, WritesItemsAndEmptySequences) {
  DicomBuilder item;
  item.text({0x0008, 0x0100}, Vr::SH, "T-1");
  EXPECT_EQ(behind_modality(json_of(only()
                                        .sequence({0x0040, 0xA043}, {item, DicomBuilder()})
                                        .sequence({0x0040, 0xA730}, {}))),
            R"("0040A043":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["T-1"]}},{}]},)"
            R"("0040A730":{"vr":"SQ"}})");
}

TEST(DicomJsonTest, InlinesSmallBinaryAndLeavesTheRestToItsUri) {
  DicomJsonOptions options;
  options.inline_binary_size_max = 4;
  options.bulk_data_uri = [](std::string_view path) { return "bulk/" + std::string(path); };
  DicomBuilder item;
  item.bytes({0x5400, 0x1010}, Vr::OW, "abcdef");
  EXPECT_EQ(behind_modality(json_of(only()
                                        .bytes({0x0042, 0x0011}, Vr::OB, "\x01\x02\x03\x04")
                                        .sequence({0x5400, 0x0100}, {DicomBuilder(), item})
                                        .bytes(tags::kPixelData, Vr::OW, "ab"),
                                    options)),
            R"("00420011":{"vr":"OB","InlineBinary":"AQIDBA=="},)"
            R"("54000100":{"vr":"SQ","Value":[{},{"54001010":{"vr":"OW",)"
            R"("BulkDataURI":"bulk/54000100/2/54001010"}}]},)"
            R"("7FE00010":{"vr":"OW","BulkDataURI":"bulk/7FE00010"}})");
}

TEST(DicomJsonTest, FindsAgainWhatAPathNames) {
  DicomBuilder item;
  item.bytes({0x5400, 0x1010}, Vr::OW, "abcdef");
  const std::string file = only().sequence({0x5400, 0x0100}, {DicomBuilder(), item}).build();
  const auto header = read_header(MemoryAccess(as_bytes(file)));
  ASSERT_TRUE(header);
  const auto found = find_by_path(header->data_set, "54000100/2/54001010");
  ASSERT_TRUE(found);
  EXPECT_EQ(as_text(found->value()), "abcdef");
  for (const std::string_view path :
       {"", "54000100/", "54000100/2", "54000100/0/54001010", "54000100/3/54001010",
        "54000100/2/54001011", "00080060/1/54001010", "54000100/-1/54001010",
        "54000100/99999999999999999999/54001010", "5400010/2/54001010"}) {
    EXPECT_FALSE(find_by_path(header->data_set, path)) << path;
  }
}

TEST(DicomJsonTest, OrdersTagsAndTakesTheFirstOfTwo) {
  DicomBuilder late;
  late.text(tags::kPatientId, Vr::LO, "2").text(tags::kModality, Vr::CS, "CT");
  EXPECT_EQ(json_of(DicomBuilder()
                        .text(tags::kModality, Vr::CS, "OT")
                        .text(tags::kStudyId, Vr::SH, "1")
                        .raw(late.build_data_set())),
            R"({"00080060":{"vr":"CS","Value":["OT"]},"00100020":{"vr":"LO","Value":["2"]},)"
            R"("00200010":{"vr":"SH","Value":["1"]}})");
}

TEST(DicomJsonTest, IsJsonWhateverTheBytesAre) {
  EXPECT_EQ(behind_modality(json_of(only().text(tags::kStudyId, Vr::SH, "\x01\"<\xFF>"))),
            R"("00200010":{"vr":"SH","Value":["\u0001\"<ÿ>"]}})");
}

TEST(DecimalTextTest, TakesWhatDevicesWriteAsNumbers) {
  EXPECT_EQ(json_number("1."), "1");
  EXPECT_EQ(json_number("-.5"), "-0.5");
  EXPECT_EQ(json_number("+00012.50e+03"), "12.50e3");
  for (const std::string_view text : {"", ".", "-", "1e", "1 2", "0x1", "1,5", "nan", "--1"}) {
    EXPECT_FALSE(json_number(text)) << text;
  }
  EXPECT_EQ(json_number("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(json_number("1e308"), "1e308");
  for (const std::string_view beyond : {"1e309", "-1E99999", "9223372036854775808", "1e-999"}) {
    EXPECT_FALSE(json_number(beyond)) << beyond;
  }
  EXPECT_EQ(integer_of(" 7 \\8"), 7);
  EXPECT_EQ(integer_of("+7"), 7);
  EXPECT_EQ(integer_of("7.000"), 7);
  for (const std::string_view text : {"", "7.5", "7A", "9223372036854775808", "+-7"}) {
    EXPECT_FALSE(integer_of(text)) << text;
  }
}

// Standard attributes that came as UN (PS3.5 6.2.2).
TEST(DicomJsonTest, AnUnknownVrIsThatOfTheDictionary) {
  const std::string number("\x00\x02", 2);
  EXPECT_EQ(behind_modality(json_of(only()
                                        .text({0x0010, 0x0010}, Vr::UN, "Doe^Jane")
                                        .text({0x0020, 0x0013}, Vr::UN, "7 ")
                                        .text({0x0028, 0x0010}, Vr::UN, number))),
            R"("00100010":{"vr":"PN","Value":[{"Alphabetic":"Doe^Jane"}]},)"
            R"("00200013":{"vr":"IS","Value":[7]},"00280010":{"vr":"US","Value":[512]}})");
  // Private ones, those that nobody knows, and what cannot be a number stay.
  EXPECT_EQ(behind_modality(json_of(only()
                                        .text({0x0011, 0x1001}, Vr::UN, "ab")
                                        .text({0x0018, 0x0001}, Vr::UN, "ab")
                                        .text({0x0028, 0x0008}, Vr::IS, "1")
                                        .text({0x0028, 0x0009}, Vr::UN, "abcd")
                                        .text({0x0028, 0x0010}, Vr::UN, "abcdef")
                                        .text({0x0040, 0x9211}, Vr::UN, "abcd"))),
            R"("00111001":{"vr":"UN","InlineBinary":"YWI="},)"
            R"("00180001":{"vr":"UN","InlineBinary":"YWI="},"00280008":{"vr":"IS","Value":[1]},)"
            R"("00280009":{"vr":"AT","Value":["62616463"]},)"
            R"("00280010":{"vr":"US","Value":[25185,25699,26213]},)"
            R"("00409211":{"vr":"US","Value":[25185,25699]}})");
  EXPECT_EQ(behind_modality(json_of(only().text({0x0018, 0x9345}, Vr::UN, "abcdef"))),
            R"("00189345":{"vr":"UN","InlineBinary":"YWJjZGVm"}})");
}

TEST(DicomJsonTest, PixelRepresentationSettlesAnUnknownVr) {
  const std::string minus_one("\xFF\xFF", 2);
  EXPECT_EQ(behind_modality(json_of(only()
                                        .text({0x0028, 0x0103}, Vr::US, std::string("\x01\x00", 2))
                                        .text({0x0028, 0x0106}, Vr::UN, minus_one))),
            R"("00280103":{"vr":"US","Value":[1]},"00280106":{"vr":"SS","Value":[-1]}})");
}

// A value of stated length, whose items are implicit VR little endian.
TEST(DicomJsonTest, AnUnknownSequenceIsReadWhereItIsOne) {
  const std::string implicit_item(
      "\xFE\xFF\x00\xE0\x0C\x00\x00\x00"
      "\x08\x00\x50\x11\x04\x00\x00\x00"
      "1.2\x00",
      20);
  EXPECT_EQ(behind_modality(json_of(only().text({0x0008, 0x1140}, Vr::UN, implicit_item))),
            R"("00081140":{"vr":"SQ","Value":[{"00081150":{"vr":"UI","Value":["1.2"]}}]}})");
  const std::string explicit_item(
      "\xFE\xFF\x00\xE0\x0C\x00\x00\x00"
      "\x08\x00\x50\x11UI\x04\x00"
      "1.2\x00",
      20);
  EXPECT_EQ(behind_modality(json_of(only().text({0x0008, 0x1140}, Vr::UN, explicit_item))),
            R"("00081140":{"vr":"SQ","Value":[{"00081150":{"vr":"UI","Value":["1.2"]}}]}})");
  for (const std::string& broken : {implicit_item.substr(0, 18), std::string("no items"),
                                    implicit_item + std::string(8, '\0')}) {
    EXPECT_NE(behind_modality(json_of(only().text({0x0008, 0x1140}, Vr::UN, broken)))
                  .find(R"("00081140":{"vr":"UN","InlineBinary")"),
              std::string::npos)
        << broken.size();
  }
  // Its large values are inline, since they are at no place of the file.
  std::string large("\xFE\xFF\x00\xE0\xFF\xFF\xFF\xFF\x10\x10\x10\x54\xD0\x07\x00\x00", 16);
  large += std::string(2000, 'a') + std::string("\xFE\xFF\x0D\xE0\0\0\0\0", 8);
  DicomJsonOptions options;
  options.bulk_data_uri = [](std::string_view path) { return std::string(path); };
  const std::string json = json_of(only().text({0x5400, 0x0100}, Vr::UN, large), options);
  EXPECT_EQ(json.find("BulkDataURI"), std::string::npos);
  EXPECT_NE(json.find(R"("InlineBinary")"), std::string::npos);
}

}  // namespace
}  // namespace pacs::dicom
