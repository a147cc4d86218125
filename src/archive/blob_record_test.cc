#include "archive/blob_record.h"

#include <gtest/gtest.h>

namespace pacs::archive {
namespace {

storage::BlobAttributes complete() {
  storage::BlobAttributes attributes;
  for (const auto& [name, value] :
       {std::pair("sha256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        std::pair("size", "4"), std::pair("stored-at", "2026-01-31T09:30:15.500Z"),
        std::pair("mime-type", "application/dicom"), std::pair("study-id", "3"),
        std::pair("declared", R"({"patient_id":"P1"})")}) {
    EXPECT_TRUE(attributes.set(name, value)) << name;
  }
  return attributes;
}

TEST(BlobRecord, HasWhatTheRowNeeds) {
  const auto record = read_blob_record(complete());
  ASSERT_TRUE(record) << to_string(record.error());
  EXPECT_EQ(record->size_bytes, 4U);
  EXPECT_EQ(record->request.wanted_ids.study, 3);
  EXPECT_EQ(record->request.declared.patient_id, "P1");
}

TEST(BlobRecord, IsCorruptWhateverIsWrong) {
  for (const auto& [name, value] :
       {std::pair("sha256", "ab"), std::pair("size", "0"), std::pair("stored-at", "now"),
        std::pair("study-id", "-1"), std::pair("order", "radiology_order:x"),
        std::pair("image-uuid", "1.2"), std::pair("declared", "{"), std::pair("declared", "[]"),
        std::pair("declared", R"({"study_uid":"x"})")}) {
    storage::BlobAttributes attributes = complete();
    ASSERT_TRUE(attributes.set(name, value));
    const auto record = read_blob_record(attributes);
    ASSERT_FALSE(record) << name << " " << value;
    EXPECT_EQ(record.error().code, ErrorCode::corrupt) << name << " " << value;
    EXPECT_EQ(record.error().reason, "bad_attributes") << name << " " << value;
  }
}

}  // namespace
}  // namespace pacs::archive
