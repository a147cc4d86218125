#include "core/md5.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

// RFC 1321's own examples (A.5), the second in two pieces.
TEST(Md5, HashesTheExamplesOfTheStandard) {
  Md5 one;
  one.update(as_bytes("abc"));
  EXPECT_EQ(to_hex(one.finish()), "900150983cd24fb0d6963f7d28e17f72");
  Md5 two;
  two.update(as_bytes("abcdefghijklm"));
  two.update(as_bytes("nopqrstuvwxyz"));
  EXPECT_EQ(to_hex(two.finish()), "c3fcd3d76192e4007dfb496cca67e13b");
  EXPECT_EQ(to_hex(Md5().finish()), "d41d8cd98f00b204e9800998ecf8427e");
}

}  // namespace
}  // namespace pacs
