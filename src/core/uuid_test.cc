#include "core/uuid.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

TEST(Uuid, TakesTheCanonicalFormAlone) {
  EXPECT_EQ(Uuid::parse("8F06E605-e810-4418-85cb-6304772f152e")->str(),
            "8f06e605-e810-4418-85cb-6304772f152e");
  for (const char* text :
       {"", "8f06e605e810441885cb6304772f152e", "8f06e605-e810-4418-85cb-6304772f152",
        "g f06e605-e810-4418-85cb-6304772f15", "{8f06e605-e810-4418-85cb-6304772f152e}",
        "8f06e605-e810-4418-85cb/6304772f152e"}) {
    EXPECT_FALSE(Uuid::parse(text)) << text;
  }
}

TEST(Uuid, MakesVersion5OfNames) {
  // RFC 9562 appendix A.4.
  const auto dns = Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(Uuid::from_name(*dns, "www.example.com").str(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(Uuid, MakesVersion4AtRandom) {
  SystemRandom random;
  const Uuid one = Uuid::random(random);
  EXPECT_EQ(one.str()[14], '4');
  EXPECT_TRUE(Uuid::parse(one.str()));
  EXPECT_NE(one, Uuid::random(random));
}

}  // namespace
}  // namespace pacs
