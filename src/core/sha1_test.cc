#include "core/sha1.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

// FIPS 180-4's own examples, the second in two pieces.
TEST(Sha1, HashesTheExamplesOfTheStandard) {
  Sha1 one;
  one.update(as_bytes("abc"));
  EXPECT_EQ(to_hex(one.finish()), "a9993e364706816aba3e25717850c26c9cd0d89d");
  Sha1 two;
  two.update(as_bytes("abcdbcdecdefdefgefghfghighij"));
  two.update(as_bytes("hijkijkljklmklmnlmnomnopnopq"));
  EXPECT_EQ(to_hex(two.finish()), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(to_hex(Sha1().finish()), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

}  // namespace
}  // namespace pacs
