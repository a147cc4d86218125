#include "access/roles.h"

#include <gtest/gtest.h>

namespace pacs::access {
namespace {

TEST(Roles, AreWrittenInOneOrderAndReadBack) {
  const Roles roles = {Role::admin, Role::reader};
  EXPECT_EQ(roles.str(), "reader,admin");
  EXPECT_EQ(Roles::parse("admin, reader"), roles);
  EXPECT_EQ(Roles().str(), "");
  EXPECT_EQ(Roles::parse(" "), Roles());
  for (const Role role : {Role::reader, Role::uploader, Role::admin, Role::metrics}) {
    EXPECT_EQ(Roles::parse(Roles{role}.str()), Roles{role});
  }
}

TEST(Roles, OfOursAreReadStrictly) {
  for (const char* text : {"root", "reader,", "Reader", "reader uploader", ",", "admin;reader"}) {
    EXPECT_FALSE(Roles::parse(text)) << text;
  }
}

TEST(Roles, OfOthersGrantOnlyWhatWeKnow) {
  EXPECT_EQ(Roles::parse_known("staff, reader ,superuser"), Roles{Role::reader});
  EXPECT_EQ(Roles::parse_known("Admin,ADMIN,administrator"), Roles());
  EXPECT_EQ(Roles::parse_known(""), Roles());
}

}  // namespace
}  // namespace pacs::access
