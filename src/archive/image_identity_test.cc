#include "archive/image_identity.h"

#include <gtest/gtest.h>

namespace pacs::archive {
namespace {

DerivationSeed seed_of(std::string_view bytes) {
  return {.image_uuid = {}, .order = {}, .sha256 = sha256(as_bytes(bytes))};
}

TEST(PictureIdentity, IsTheSameForARetry) {
  const auto one = identity_of_picture({}, seed_of("picture"));
  const auto again = identity_of_picture({}, seed_of("picture"));
  EXPECT_EQ(one.study_uid, again.study_uid);
  EXPECT_EQ(one.image_uid, again.image_uid);
  EXPECT_NE(one.image_uid, identity_of_picture({}, seed_of("another")).image_uid);
  EXPECT_NE(one.image_uid.str(), one.study_uid.str());
}

TEST(PictureIdentity, DiffersBetweenOrders) {
  DerivationSeed order = seed_of("picture");
  order.order = index::OrderReference{index::OrderKind::radiology_order, 12};
  DerivationSeed request = order;
  request.order->kind = index::OrderKind::radiology_request;
  const auto plain = identity_of_picture({}, seed_of("picture")).image_uid;
  const auto first = identity_of_picture({}, order).image_uid;
  const auto second = identity_of_picture({}, request).image_uid;
  EXPECT_NE(plain, first);
  EXPECT_NE(first, second) << "12 of the one kind is not 12 of the other";
}

TEST(PictureIdentity, FollowsTheImageUuidWhateverTheBytes) {
  DerivationSeed seed = seed_of("picture");
  seed.image_uuid = Uuid::parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  DerivationSeed other = seed_of("other bytes");
  other.image_uuid = seed.image_uuid;
  EXPECT_EQ(identity_of_picture({}, seed).image_uid, identity_of_picture({}, other).image_uid);
}

TEST(PictureIdentity, TakesWhatIsDeclaredAndTheStudyOfTheOrder) {
  DeclaredMetadata declared;
  declared.series_uid = dicom::SeriesUid::parse("1.2.3");
  const auto order_study = dicom::StudyUid::parse("1.2");
  const auto identity = identity_of_picture(declared, seed_of("picture"), order_study);
  EXPECT_EQ(identity.study_uid.str(), "1.2");
  EXPECT_EQ(identity.series_uid.str(), "1.2.3");
  declared.study_uid = dicom::StudyUid::parse("1.9");
  EXPECT_EQ(identity_of_picture(declared, seed_of("picture"), order_study).study_uid.str(), "1.9");
}

TEST(DataSetIdentity, NamesTheAttributeThatIsMissing) {
  const auto identity = identity_of_data_set("1.2", "", "1.2.3.4", "", {});
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().reason, "missing_attribute");
  EXPECT_NE(identity.error().detail.find("SeriesInstanceUID"), std::string::npos);
}

TEST(DataSetIdentity, RefusesWhatIsNoUid) {
  for (const char* text :
       {"1.2/3", "1..2", "abc", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25.26"}) {
    const auto identity = identity_of_data_set(text, "1.2.3", "1.2.3.4", "", {});
    ASSERT_FALSE(identity) << text;
    EXPECT_EQ(identity.error().reason, "invalid_uid") << text;
  }
}

TEST(DataSetIdentity, RefusesWhatContradictsTheDeclaration) {
  DeclaredMetadata declared;
  declared.image_uid = dicom::SopInstanceUid::parse("1.2.3.5");
  EXPECT_EQ(identity_of_data_set("1.2", "1.2.3", "1.2.3.4", "", declared).error().reason,
            "uid_mismatch");
  declared.image_uid.reset();
  declared.patient_id = "P1";
  EXPECT_EQ(identity_of_data_set("1.2", "1.2.3", "1.2.3.4", "P2", declared).error().reason,
            "declared_patient_mismatch");
  EXPECT_TRUE(identity_of_data_set("1.2", "1.2.3", "1.2.3.4", "", declared));
}

}  // namespace
}  // namespace pacs::archive
