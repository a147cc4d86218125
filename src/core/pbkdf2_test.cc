// The vectors of RFC 7914 chapter 11.
#include "core/pbkdf2.h"

#include <gtest/gtest.h>

namespace pacs {
namespace {

TEST(Pbkdf2, GivesWhatTheStandardSays) {
  EXPECT_EQ(pbkdf2_sha256("passwd", as_bytes("salt"), 1).hex(),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  EXPECT_EQ(pbkdf2_sha256("Password", as_bytes("NaCl"), 80'000).hex(),
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56");
}

}  // namespace
}  // namespace pacs
