#include "storage/s3_metadata.h"

#include <string>

#include <gtest/gtest.h>

namespace pacs::storage {
namespace {

TEST(S3Metadata, IsReadAsItWasWritten) {
  for (const size_t size : {0UL, 1UL, 255UL, 256UL, 257UL, 512UL, kMetadataBytesMax}) {
    S3Metadata written;
    for (size_t i = 0; i < size; ++i) {
      written.json = written.json.value_or("") + static_cast<char>('!' + i % 90);
    }
    written.write_id = "5f0c";
    http::Headers headers;
    written.add_to(headers);
    const S3Metadata read = S3Metadata::from_headers(headers);
    EXPECT_EQ(read.json, written.json) << size;
    EXPECT_EQ(read.write_id, "5f0c");
  }
}

TEST(S3Metadata, FitsIntoWhatStoresTake) {
  S3Metadata written;
  written.json = std::string(kMetadataBytesMax, 'x');
  written.write_id = std::string(32, 'w');
  http::Headers headers;
  written.add_to(headers);
  size_t total = 0;
  for (const auto& [name, value] : headers) {
    EXPECT_LE(value.size(), 256U) << name;  // OpenStack Swift: max_meta_value_length
    total += name.size() + value.size();
  }
  EXPECT_LE(total, 2048U);  // S3: names and values
}

TEST(S3Metadata, ReadsOneLongValue) {
  http::Headers headers;
  headers.set("x-amz-meta-pacs-lite", std::string(1500, 'x'));
  EXPECT_EQ(S3Metadata::from_headers(headers).json, std::string(1500, 'x'));
}

}  // namespace
}  // namespace pacs::storage
