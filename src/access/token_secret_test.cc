#include "access/token_secret.h"

#include <gtest/gtest.h>

#include "access/printable.h"

namespace pacs::access {
namespace {

TEST(TokenSecret, HasItsPrefixAnd256RandomBits) {
  SystemRandom random;
  const std::string token = make_secret(kTokenPrefix, random);
  const std::string other = make_secret(kTokenPrefix, random);
  EXPECT_TRUE(token.starts_with("pl_"));
  EXPECT_EQ(token.size(), 3U + 43U);
  EXPECT_NE(token, other);
  EXPECT_TRUE(looks_like_secret(token));
  ASSERT_TRUE(digest_of_secret(token));
  EXPECT_EQ(*digest_of_secret(token), sha256(as_bytes(token)));
  EXPECT_TRUE(digest_of_secret(make_secret(kShareLinkPrefix, random)));
}

TEST(TokenSecret, OfAnotherFormIsNotLookedUp) {
  SystemRandom random;
  const std::string token = make_secret(kTokenPrefix, random);
  for (const std::string& text :
       {std::string(), std::string("pl_"), token.substr(3), token + "A", token.substr(0, 45),
        "PL_" + token.substr(3), token.substr(0, 45) + "+", token.substr(0, 45) + "\n",
        std::string(4096, 'a')}) {
    EXPECT_FALSE(digest_of_secret(text)) << text;
  }
}

TEST(PrintableName, HasNoControlCharacters) {
  EXPECT_TRUE(is_printable_name("Dr. Åse Müller", 100));
  EXPECT_TRUE(is_printable_name(std::string(100, 'x'), 100));
  for (const std::string& text : {std::string(), std::string("   "), std::string(101, 'x'),
                                  std::string("a\nb"), std::string("a\0b", 3), std::string("a\x7f"),
                                  std::string("a\xc2\x85z"), std::string("\xff\xfe")}) {
    EXPECT_FALSE(is_printable_name(text, 100)) << text;
  }
}

}  // namespace
}  // namespace pacs::access
