#include "cli/record_name.h"

#include <gtest/gtest.h>

namespace pacs::cli {
namespace {

TEST(RecordName, AnEmptyNameIsNone) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{""}, std::vector<std::string>{"study", ""}}) {
    const auto name = parse_record_name(words);
    ASSERT_FALSE(name);
    EXPECT_EQ(name.error().reason, "bad_name");
  }
}

TEST(RecordName, ANumberNeedsItsKind) {
  EXPECT_FALSE(parse_record_name({"12"}));
  const auto study = parse_record_name({"study", "12"});
  ASSERT_TRUE(study);
  EXPECT_EQ(path_of(*study->kind, study->id), "/api/v1/radiology/studies/12/");
}

TEST(RecordName, APathIsNoWayOut) {
  EXPECT_EQ(path_of(RecordKind::image, "../x?y"), "/api/v1/radiology/images/..%2Fx%3Fy/");
}

}  // namespace
}  // namespace pacs::cli
