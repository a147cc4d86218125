#include "dicom/dictionary.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "dicom/transfer_syntax.h"

namespace pacs::dicom {
namespace {

TEST(DictionaryTest, KnowsTheStandardsElements) {
  const DictionaryEntry* name = find_dictionary_entry(tags::kPatientName);
  ASSERT_NE(name, nullptr);
  EXPECT_EQ(name->vr, Vr::PN);
  EXPECT_EQ(name->keyword, "PatientName");
  EXPECT_EQ(dictionary_vr(tags::kRows), Vr::US);
  EXPECT_EQ(dictionary_vr(tags::kPixelData), Vr::OW);
  EXPECT_EQ(dictionary_vr({0x0040, 0xA730}), Vr::SQ);
  EXPECT_EQ(dictionary_vr(tags::kExtendedOffsetTable), Vr::OV);
  EXPECT_EQ(find_dictionary_entry({0x0008, 0x1234}), nullptr);
  EXPECT_EQ(dictionary_vr({0x0008, 0x1234}), Vr::UN);
  EXPECT_EQ(find_dictionary_entry(tags::kItem), nullptr);
}

TEST(DictionaryTest, KnowsWhatDependsOnTheDataSet) {
  const DictionaryEntry* smallest = find_dictionary_entry({0x0028, 0x0106});
  ASSERT_NE(smallest, nullptr);
  EXPECT_TRUE(smallest->vr_depends);
  EXPECT_EQ(smallest->vr, Vr::US);
  EXPECT_FALSE(find_dictionary_entry(tags::kRows)->vr_depends);
}

TEST(DictionaryTest, KnowsRepeatingGroups) {
  EXPECT_EQ(dictionary_vr({0x6000, 0x3000}), Vr::OW);
  EXPECT_EQ(dictionary_vr({0x601E, 0x0010}), Vr::US);
  EXPECT_EQ(dictionary_vr({0x5000, 0x3000}), Vr::OB);
  EXPECT_EQ(dictionary_vr({0x6001, 0x0010}), Vr::UN);
}

TEST(DictionaryTest, KnowsGroupLengths) {
  EXPECT_EQ(dictionary_vr({0x0008, 0x0000}), Vr::UL);
  EXPECT_EQ(dictionary_vr({0x0046, 0x0000}), Vr::UL);
}

TEST(DictionaryTest, KnowsPrivateElementsByTheirCreator) {
  EXPECT_EQ(private_dictionary_vr({0x0029, 0x1008}, "SIEMENS CSA HEADER"), Vr::CS);
  EXPECT_EQ(private_dictionary_vr({0x0029, 0x4208}, "SIEMENS CSA HEADER"), Vr::CS);
  EXPECT_EQ(private_dictionary_vr({0x0031, 0x1008}, "SIEMENS CSA HEADER"), Vr::UN);
  EXPECT_EQ(private_dictionary_vr({0x0029, 0x1008}, "NOBODY"), Vr::UN);
  EXPECT_EQ(private_dictionary_vr({0x0029, 0x1008}, ""), Vr::UN);
}

TEST(TransferSyntaxTest, HasEachUidOnce) {
  std::set<std::string_view> uids;
  for (const TransferSyntax& syntax : transfer_syntaxes()) {
    EXPECT_TRUE(uids.insert(syntax.uid).second) << syntax.uid;
    EXPECT_TRUE(syntax.uid.starts_with("1.2.840.10008.1.2")) << syntax.uid;
    EXPECT_EQ(find_transfer_syntax(syntax.uid), &syntax);
    EXPECT_TRUE(!syntax.is_video() || syntax.is_encapsulated) << syntax.uid;
    // PS3.5 A.4: what is encapsulated is explicit and little endian.
    if (syntax.is_encapsulated) {
      EXPECT_EQ(syntax.vr_encoding, VrEncoding::explicit_vr) << syntax.uid;
      EXPECT_EQ(syntax.byte_order, std::endian::little) << syntax.uid;
    }
  }
  EXPECT_EQ(find_transfer_syntax("1.2.840.10008.1.2.4.999"), nullptr);
}

TEST(TransferSyntaxTest, KnowsWhatMayLose) {
  EXPECT_FALSE(find_transfer_syntax("1.2.840.10008.1.2.4.70")->may_be_lossy);
  EXPECT_FALSE(find_transfer_syntax("1.2.840.10008.1.2.4.90")->may_be_lossy);
  EXPECT_TRUE(find_transfer_syntax("1.2.840.10008.1.2.4.91")->may_be_lossy);
  EXPECT_TRUE(find_transfer_syntax("1.2.840.10008.1.2.4.50")->may_be_lossy);
  EXPECT_FALSE(find_transfer_syntax(kImplicitVrLittleEndian)->may_be_lossy);
}

TEST(TagTest, IsWrittenAsEightDigits) {
  EXPECT_EQ(to_string(tags::kPixelData), "7FE00010");
  EXPECT_EQ(parse_tag("7fe00010"), tags::kPixelData);
  for (const std::string_view text :
       {"", "7FE0001", "7FE000100", "7FE0001G", "0x080005", "-0080005"}) {
    EXPECT_FALSE(parse_tag(text)) << text;
  }
}

TEST(VrTest, KnowsAllOfThem) {
  EXPECT_EQ(parse_vr("PN"), Vr::PN);
  EXPECT_EQ(to_string(Vr::UV), "UV");
  for (const std::string_view text : {"", "P", "pn", "XX", "PNN", "??"}) {
    EXPECT_FALSE(parse_vr(text)) << text;
  }
}

TEST(Dictionary, KeywordsAreFoundInAnyCase) {
  EXPECT_EQ(find_tag_of_keyword("PatientName"), tags::kPatientName);
  EXPECT_EQ(find_tag_of_keyword("patientname"), tags::kPatientName);
  EXPECT_EQ(find_tag_of_keyword("OverlayRows"), (Tag{0x6000, 0x0010})) << "a repeating group";
  EXPECT_EQ(find_tag_of_keyword("StudyStatusID"), (Tag{0x0032, 0x000A})) << "retired";
  EXPECT_EQ(find_tag_of_keyword("PatientNames"), std::nullopt);
  EXPECT_EQ(find_tag_of_keyword(""), std::nullopt);
}

}  // namespace
}  // namespace pacs::dicom
