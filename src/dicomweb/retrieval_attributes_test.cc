// MD6: what metadata tell of an instance besides its data set.
#include "dicomweb/retrieval_attributes.h"

#include <gtest/gtest.h>

namespace pacs::dicomweb {
namespace {

constexpr std::string_view kTold = R"("00080056":{"vr":"CS","Value":["ONLINE"]},)"
                                   R"("00081190":{"vr":"UR","Value":["https://a/b"]},)"
                                   R"("00083002":{"vr":"UI","Value":["1.2"]})";

std::string told(std::string_view json) {
  return with_retrieval_attributes(json, {.url = "https://a/b", .transfer_syntax = "1.2"});
}

TEST(RetrievalAttributes, MD6StandAtTheirPlaces) {
  const std::string at_once(kTold);
  EXPECT_EQ(told("{}"), "{" + at_once + "}");
  EXPECT_EQ(told(R"({"00080005":{"vr":"CS"}})"), R"({"00080005":{"vr":"CS"},)" + at_once + "}");
  EXPECT_EQ(told(R"({"00100010":{"vr":"PN"},"00100020":{"vr":"LO"}})"),
            "{" + at_once + R"(,"00100010":{"vr":"PN"},"00100020":{"vr":"LO"}})");
  EXPECT_EQ(told(R"({"00080005":{"vr":"CS"},"00081140":{"vr":"SQ"},"00200010":{"vr":"SH"}})"),
            R"({"00080005":{"vr":"CS"},"00080056":{"vr":"CS","Value":["ONLINE"]},)"
            R"("00081140":{"vr":"SQ"},"00081190":{"vr":"UR","Value":["https://a/b"]},)"
            R"("00083002":{"vr":"UI","Value":["1.2"]},"00200010":{"vr":"SH"}})");
}

TEST(RetrievalAttributes, MD6WhatTheDataSetSaysOfAnotherArchiveDoesNotStand) {
  EXPECT_EQ(told(R"({"00080056":{"vr":"CS","Value":["OFFLINE"]},)"
                 R"("00083002":{"vr":"UI","Value":["9"]},"00100010":{"vr":"PN"}})"),
            "{" + std::string(kTold) + R"(,"00100010":{"vr":"PN"}})");
}

}  // namespace
}  // namespace pacs::dicomweb
