#include "dicom/uid.h"

#include <type_traits>

#include <gtest/gtest.h>

namespace pacs::dicom {
namespace {

// The example of PS3.5 B.2.
constexpr std::string_view kUuid = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
constexpr std::string_view kUuidAsUid = "2.25.329800735698586629295641978511506172918";

TEST(UidTest, TheTypesNeverConvertIntoEachOther) {
  static_assert(!std::is_convertible_v<StudyUid, SeriesUid>);
  static_assert(!std::is_constructible_v<SeriesUid, StudyUid>);
  static_assert(!std::is_constructible_v<SopInstanceUid, std::string>);
  static_assert(!std::is_convertible_v<std::string, StudyUid>);
}

TEST(UidTest, TakesDigitsAndDotsOfUpTo64Characters) {
  for (const std::string uid : {"1", "0", "1.2", "1.2.840.10008.1.1", "2.25.0", "1.0.3"}) {
    const auto parsed = StudyUid::parse(uid);
    ASSERT_TRUE(parsed) << uid;
    EXPECT_EQ(parsed->str(), uid);
    EXPECT_TRUE(parsed->is_conformant()) << uid;
    EXPECT_FALSE(parsed->is_uuid()) << uid;
  }
  EXPECT_TRUE(StudyUid::parse(std::string(64, '1')));
  EXPECT_FALSE(StudyUid::parse(std::string(65, '1')));
}

TEST(UidTest, RefusesEverythingElse) {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("."), std::string_view("1."), std::string_view(".1"),
        std::string_view("1..2"), std::string_view("1.2 "), std::string_view(" 1.2"),
        std::string_view("1.2\0", 4), std::string_view("1.2a"), std::string_view("1/2"),
        std::string_view(".."), std::string_view("1.-2"), std::string_view("\xD9\xA1"),
        std::string_view("f81d4fae-7dec-11d0-a765-00a0c91e6bf"),
        std::string_view("f81d4fae_7dec_11d0_a765_00a0c91e6bf6")}) {
    EXPECT_FALSE(SopInstanceUid::parse(text)) << text;
  }
  EXPECT_FALSE(SopClassUid::parse(kUuid));
  EXPECT_FALSE(TransferSyntaxUid::parse(kUuid));
}

TEST(UidTest, TakesTheLeadingZerosThatDevicesWriteAndSaysSo) {
  const auto uid = SeriesUid::parse("1.2.03");
  ASSERT_TRUE(uid);
  EXPECT_FALSE(uid->is_conformant());
  EXPECT_EQ(uid->str(), "1.2.03");
  EXPECT_EQ(uid->to_dicom(), "1.2.03");
}

TEST(UidTest, ShowsAUuidToDicomAsItsDecimalValue) {
  const auto uid = SopInstanceUid::parse(kUuid);
  ASSERT_TRUE(uid);
  EXPECT_TRUE(uid->is_uuid());
  EXPECT_TRUE(uid->is_conformant());
  EXPECT_EQ(uid->str(), kUuid);
  EXPECT_EQ(uid->to_dicom(), kUuidAsUid);
  EXPECT_EQ(uid->to_uuid()->str(), kUuid);
}

TEST(UidTest, FindsTheUuidBehindItsDecimalValue) {
  const auto uid = SopInstanceUid::parse(kUuidAsUid);
  ASSERT_TRUE(uid);
  EXPECT_FALSE(uid->is_uuid());
  EXPECT_EQ(uid->to_dicom(), kUuidAsUid);
  ASSERT_TRUE(uid->to_uuid());
  EXPECT_EQ(uid->to_uuid()->str(), kUuid);
}

TEST(UidTest, TakesAUuidInEitherCaseAsTheSame) {
  EXPECT_EQ(StudyUid::parse("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"), StudyUid::parse(kUuid));
}

TEST(UidTest, ConvertsTheEndsOf128Bits) {
  const auto zero = Uuid::parse("00000000-0000-0000-0000-000000000000");
  const auto most = Uuid::parse("ffffffff-ffff-ffff-ffff-ffffffffffff");
  EXPECT_EQ(to_uid(*zero), "2.25.0");
  EXPECT_EQ(to_uid(*most), "2.25.340282366920938463463374607431768211455");
  EXPECT_EQ(uuid_from_uid("2.25.0"), zero);
  EXPECT_EQ(uuid_from_uid("2.25.340282366920938463463374607431768211455"), most);
}

TEST(UidTest, IsNoUuidBeyond128BitsOrInAnotherForm) {
  for (const std::string_view uid : {"2.25.340282366920938463463374607431768211456",
                                     "2.25.999999999999999999999999999999999999999", "2.25.01",
                                     "2.25.", "2.25.1.2", "2.24.1", "1.2.25.1", "2.25.0x1"}) {
    EXPECT_FALSE(uuid_from_uid(uid)) << uid;
  }
}

}  // namespace
}  // namespace pacs::dicom
