// The table of rights and the table of scopes, each cell.
#include "access/actions.h"

#include <gtest/gtest.h>

#include "access/refusals.h"
#include "access/scope_maker.h"

namespace pacs::access {
namespace {

constexpr Action kActions[] = {Action::read_images, Action::hand_out_links,
                               Action::upload,      Action::read_own_uploads,
                               Action::administer,  Action::read_metrics};

Principal with(Roles roles) {
  Principal principal;
  principal.id = "token:7";
  principal.roles = roles;
  return principal;
}

Principal link(Roles roles) {
  Principal principal = with(roles);
  principal.bound_studies = {BoundStudy{42, "1.2.3"}};
  return principal;
}

struct RightsCase {
  const char* who;
  Principal principal;
  const char* rights;  // a character for each of kActions: x or .
};

TEST(Actions, AreWhatTheTableSays) {
  const RightsCase cases[] = {
      {"nobody's roles", with({}), "......"},
      {"reader", with({Role::reader}), "xx...."},
      {"uploader", with({Role::uploader}), "..xx.."},
      {"technician", with({Role::reader, Role::uploader}), "xxxx.."},
      {"admin", with({Role::admin}), "xxxxxx"},
      {"metrics", with({Role::metrics}), ".....x"},
      {"link", link({Role::reader}), "x....."},
      {"link with every role", link({Role::reader, Role::uploader, Role::admin, Role::metrics}),
       "x....."},
  };
  for (const RightsCase& one : cases) {
    for (size_t i = 0; i < std::size(kActions); ++i) {
      const bool expected = one.rights[i] == 'x';
      EXPECT_EQ(may(one.principal, kActions[i]), expected) << one.who << to_string(kActions[i]);
      const Result<void> required = require(one.principal, kActions[i]);
      EXPECT_EQ(bool(required), expected);
      if (!required) {
        EXPECT_EQ(to_string(required.error()), to_string(forbidden()));
      }
    }
  }
}

constexpr Purpose kPurposes[] = {Purpose::read_images, Purpose::own_uploads,
                                 Purpose::administration};

// e everything, s its study, o its uploads, . forbidden
char kind_of(const Result<index::Scope>& scope) {
  if (!scope) {
    EXPECT_EQ(scope.error().reason, "forbidden");
    return '.';
  }
  switch (scope->kind()) {
    case index::Scope::Kind::nothing:
      return 'n';
    case index::Scope::Kind::studies:
      EXPECT_EQ(scope->study_ids(), std::vector<int64_t>{42});
      return 's';
    case index::Scope::Kind::uploads_of_owner:
      EXPECT_EQ(scope->owner(), "token:7");
      return 'o';
    case index::Scope::Kind::everything:
      return 'e';
  }
  return '?';
}

TEST(ScopeMaker, GivesWhatTheTableSays) {
  const RightsCase cases[] = {
      {"nobody's roles", with({}), "..."},
      {"reader", with({Role::reader}), "e.."},
      {"uploader", with({Role::uploader}), ".o."},
      {"technician", with({Role::reader, Role::uploader}), "eo."},
      {"admin", with({Role::admin}), "eee"},
      {"admin who uploads", with({Role::admin, Role::uploader}), "eee"},
      {"metrics", with({Role::metrics}), "..."},
      {"link", link({Role::reader}), "s.."},
      {"link with every role", link({Role::reader, Role::uploader, Role::admin}), "s.."},
  };
  for (const RightsCase& one : cases) {
    for (size_t i = 0; i < std::size(kPurposes); ++i) {
      EXPECT_EQ(kind_of(ScopeMaker::for_principal(one.principal, kPurposes[i])), one.rights[i])
          << one.who << ", purpose " << i;
    }
  }
}

TEST(ScopeMaker, LetsTheServerSeeEverything) {
  EXPECT_TRUE(ScopeMaker::of_server().covers_everything());
}

TEST(Principal, OfALinkMakesNoLinkThatOutlivesIt) {
  Principal principal = link({Role::reader});
  principal.expires_at = 5'000;
  EXPECT_EQ(principal.latest_expiry(9'000), 5'000);
  EXPECT_EQ(principal.latest_expiry(4'000), 4'000);
  principal.bound_studies.reset();
  EXPECT_EQ(principal.latest_expiry(9'000), 9'000);
}

}  // namespace
}  // namespace pacs::access
