#include "dicom/dicom_xml.h"

#include <string>

#include <gtest/gtest.h>

namespace pacs::dicom {
namespace {

constexpr std::string_view kDocumentStart =
    R"(<?xml version="1.0" encoding="UTF-8"?><NativeDicomModel xmlns=)"
    R"("http://dicom.nema.org/PS3.19/models/NativeDICOM">)";

std::string document(const std::string& content) {
  return std::string(kDocumentStart) + content + "</NativeDicomModel>";
}

std::string reason_of_xml(const std::string& xml) {
  const auto json = native_xml_to_json(xml);
  return json ? "taken" : json.error().reason;
}

TEST(DicomXmlTest, SaysEachKindOfValue) {
  const std::string json =
      R"({"00080005":{"vr":"CS","Value":["ISO_IR 192"]},)"
      R"("00080008":{"vr":"CS","Value":["ORIGINAL",null,"AXIAL"]},)"
      R"("00100010":{"vr":"PN","Value":[{"Alphabetic":"Yamada^Tarou^^Dr","Ideographic":"山田"}]},)"
      R"("00100020":{"vr":"LO","Value":["A<&>\"B"]},)"
      R"("00290010":{"vr":"LO","Value":["SOMEBODY"]},)"
      R"("00291001":{"vr":"OB","InlineBinary":"AAE="},)"
      R"("0040A730":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["1"]}},{}]},)"
      R"("0040A732":{"vr":"SQ"},)"
      R"("7FE00010":{"vr":"OW","BulkDataURI":"https://a/b?c=1&d=2"}})";
  const auto xml = to_native_xml(json);
  ASSERT_TRUE(xml) << to_string(xml.error());
  for (const std::string_view part : {
           R"(<DicomAttribute tag="00080005" vr="CS" keyword="SpecificCharacterSet">)"
           R"(<Value number="1">ISO_IR 192</Value></DicomAttribute>)",
           R"(<Value number="1">ORIGINAL</Value><Value number="3">AXIAL</Value>)",
           R"(<PersonName number="1"><Alphabetic><FamilyName>Yamada</FamilyName>)"
           R"(<GivenName>Tarou</GivenName><NamePrefix>Dr</NamePrefix></Alphabetic>)"
           R"(<Ideographic><FamilyName>山田</FamilyName></Ideographic></PersonName>)",
           R"(A&lt;&amp;&gt;&quot;B)",
           R"(<DicomAttribute tag="00291001" vr="OB" privateCreator="SOMEBODY">)"
           R"(<InlineBinary>AAE=</InlineBinary>)",
           R"(<Item number="2">)",
           R"(<BulkData uri="https://a/b?c=1&amp;d=2"/>)",
       }) {
    EXPECT_NE(xml->find(part), std::string::npos) << part << "\n" << *xml;
  }
  const auto back = native_xml_to_json(*xml);
  ASSERT_TRUE(back) << to_string(back.error());
  EXPECT_EQ(*back, json);
}

TEST(DicomXmlTest, NeverWritesWhatXmlCannotSay) {
  const auto xml = to_native_xml(R"({"00100020":{"vr":"LO","Value":["a\u0001b\rc\uFFFEd"]},)"
                                 R"("00189073":{"vr":"FD","Value":["-inf"]}})");
  ASSERT_TRUE(xml);
  EXPECT_NE(xml->find("a\xEF\xBF\xBD"
                      "b&#13;c\xEF\xBF\xBD"
                      "d"),
            std::string::npos)
      << *xml;
  EXPECT_NE(xml->find(">-INF<"), std::string::npos);
}

TEST(DicomXmlTest, ReadsWhatOthersWrite) {
  const auto json = native_xml_to_json(
      "<n:NativeDicomModel xmlns:n=\"http://dicom.nema.org/PS3.19/models/NativeDICOM\">\n"
      "  <n:DicomAttribute tag=\"0028001O\" vr=\"US\"/></n:NativeDicomModel>");
  EXPECT_EQ(json.error().reason, "bad_xml");
  const auto spaced = native_xml_to_json(document(
      "\n <!-- a comment -->\n <DicomAttribute tag=\"00280010\" vr=\"US\" keyword=\"Rows\">\n"
      "  <Value number=\"1\">64</Value>\n </DicomAttribute>\n"
      "<DicomAttribute tag=\"00291001\" vr=\"OB\"><InlineBinary>\n AA\n E= </InlineBinary>"
      "</DicomAttribute>"));
  ASSERT_TRUE(spaced) << to_string(spaced.error());
  EXPECT_EQ(*spaced, R"({"00280010":{"vr":"US","Value":["64"]},)"
                     R"("00291001":{"vr":"OB","InlineBinary":"AAE="}})");
}

TEST(DicomXmlTest, RefusesWhatIsNoModel) {
  EXPECT_EQ(reason_of_xml(""), "bad_xml");
  EXPECT_EQ(reason_of_xml("<a/>"), "bad_xml");
  EXPECT_EQ(reason_of_xml("<!DOCTYPE a [<!ENTITY b \"c\">]>" + document("")), "bad_xml");
  EXPECT_EQ(reason_of_xml(document("<Value/>")), "bad_xml");
  EXPECT_EQ(reason_of_xml(document("<DicomAttribute tag='00100020' vr='XX'/>")), "bad_xml");
  const std::string twice = "<DicomAttribute tag='00100020' vr='LO'/>";
  EXPECT_EQ(reason_of_xml(document(twice + twice)), "bad_xml");
  EXPECT_EQ(reason_of_xml(document("<DicomAttribute tag='00100020' vr='LO'>"
                                   "<Value number='4294967295'>a</Value></DicomAttribute>")),
            "bad_xml");
  std::string deep;
  for (int level = 0; level < 70; ++level) {
    deep += "<DicomAttribute tag='0040A730' vr='SQ'><Item number='1'>";
  }
  for (int level = 0; level < 70; ++level) deep += "</Item></DicomAttribute>";
  EXPECT_EQ(reason_of_xml(document(deep)), "nested_too_deeply");
}

}  // namespace
}  // namespace pacs::dicom
