#include "archive/thumbnail_cache.h"

#include <gtest/gtest.h>

namespace pacs::archive {
namespace {

TEST(ThumbnailCache, ForgetsWhatWasNotAskedForLongest) {
  ThumbnailCache cache(40);
  cache.put("a", std::string(10, 'A'));  // 12 with its key, which is kept twice
  cache.put("b", std::string(10, 'B'));
  cache.put("c", std::string(10, 'C'));
  EXPECT_EQ(cache.size_bytes(), 36U);
  EXPECT_EQ(cache.find("a"), std::string(10, 'A'));
  cache.put("d", std::string(10, 'D'));
  EXPECT_FALSE(cache.find("b"));
  EXPECT_TRUE(cache.find("a"));
  EXPECT_EQ(cache.size_bytes(), 36U);
  cache.put("e", std::string(100, 'E'));
  EXPECT_EQ(cache.size_bytes(), 0U) << "what is larger than all room is not kept";
}

TEST(ThumbnailCache, CountsOnceWhatIsPutTwice) {
  ThumbnailCache cache(100);
  cache.put("a", "A");
  cache.put("a", "A");
  EXPECT_EQ(cache.size_bytes(), 3U);
}

}  // namespace
}  // namespace pacs::archive
