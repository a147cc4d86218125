#include "storage/blob_attributes.h"

#include <gtest/gtest.h>

namespace pacs::storage {
namespace {

std::string reason_of_set(std::string_view name, std::string_view value) {
  BlobAttributes attributes;
  const Result<void> result = attributes.set(name, value);
  EXPECT_EQ(result.has_value(), !attributes.empty());
  return result ? "success" : result.error().reason;
}

TEST(BlobAttributes, TakesLowerCaseNamesAndUtf8Values) {
  EXPECT_EQ(reason_of_set("sha256", "ab"), "success");
  EXPECT_EQ(reason_of_set("a-b_c9", ""), "success");
  EXPECT_EQ(reason_of_set("name", "Müller\n\"quoted\" \x01"), "success");
  for (const char* name : {"", "A", "1a", "-a", "a b", "ä", "a.b"}) {
    EXPECT_EQ(reason_of_set(name, "x"), "bad_attribute_name") << name;
  }
  EXPECT_EQ(reason_of_set(std::string(65, 'a'), "x"), "bad_attribute_name");
  EXPECT_EQ(reason_of_set("a", "\xff"), "bad_attribute_value");
  EXPECT_EQ(reason_of_set("a", std::string_view("x\0y", 3)), "bad_attribute_value");
}

TEST(BlobAttributes, EqualAttributesAreEqualText) {
  BlobAttributes one;
  BlobAttributes other;
  ASSERT_TRUE(one.set("b", "2") && one.set("a", "1"));
  ASSERT_TRUE(other.set("a", "old") && other.set("a", "1") && other.set("b", "2"));
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.to_json(), R"({"a":"1","b":"2"})");
  EXPECT_EQ(BlobAttributes::from_json(one.to_json()).value(), one);
  other.erase("b");
  EXPECT_EQ(other.to_json(), R"({"a":"1"})");
  EXPECT_EQ(BlobAttributes().to_json(), "{}");
}

TEST(BlobAttributes, TheWholeHasALimitAlsoWhenEscapesMakeItLonger) {
  BlobAttributes attributes;
  const Result<void> escaped =
      attributes.set("a", std::string(BlobAttributes::kSizeBytesMax / 2, '"'));
  ASSERT_FALSE(escaped);
  EXPECT_EQ(escaped.error().reason, "attributes_too_large");
  ASSERT_TRUE(attributes.set("a", std::string(BlobAttributes::kSizeBytesMax / 2, 'x')));
  EXPECT_FALSE(attributes.set("b", std::string(BlobAttributes::kSizeBytesMax / 2, 'x')));
  EXPECT_EQ(attributes.find("b"), nullptr);
  // What is replaced or taken away makes room.
  ASSERT_TRUE(attributes.set("a", "small"));
  ASSERT_TRUE(attributes.set("b", std::string(BlobAttributes::kSizeBytesMax / 2, 'x')));
  attributes.erase("b");
  ASSERT_TRUE(attributes.set("c", std::string(BlobAttributes::kSizeBytesMax - 100, 'x')));
  EXPECT_EQ(BlobAttributes::from_json(attributes.to_json()).value(), attributes);
}

TEST(BlobAttributes, WhatWasNotWrittenByUsIsCorrupt) {
  for (const char* json : {"", "{", "[]", "null", R"({"a":1})", R"({"A":"x"})",
                           R"({"a":"1","a":"2"})", R"({"a":{"b":"c"}})", "{\"a\":\"\xff\"}"}) {
    const Result<BlobAttributes> result = BlobAttributes::from_json(json);
    ASSERT_FALSE(result) << json;
    EXPECT_EQ(result.error().code, ErrorCode::corrupt);
    EXPECT_EQ(result.error().reason, "bad_attributes");
  }
}

}  // namespace
}  // namespace pacs::storage
