// A share link opens one study, read only, until its end.
#include "access/share_links.h"

#include <gtest/gtest.h>

#include "access/actions.h"
#include "access/scope_maker.h"
#include "access/token_issuer.h"
#include "access/token_verifier.h"
#include "tests/support/index_builder.h"

namespace pacs::access {
namespace {

using tests::must;
using tests::reason_of;
using tests::TestIndex;

Principal sharer_with(Roles roles) {
  Principal principal;
  principal.id = "token:900";
  principal.roles = roles;
  return principal;
}

class ShareLinkTest : public ::testing::Test {
 protected:
  ShareLinkTest() {
    ours_ = store("1.2.1");
    theirs_ = store("1.2.2");
  }

  int64_t store(const std::string& study) {
    const auto outcome = must(index_.ingests().commit(
        tests::ingest_of(study, study + ".1", study + ".1.1"), tests::audit_line("image.store")));
    return outcome.image.study_id;
  }

  ShareLink make(std::chrono::seconds expires_in = std::chrono::seconds(600)) {
    return must(links_.create(reader_, ours_, expires_in, "r1"));
  }

  TestIndex index_;
  ManualClock clock_;
  SystemRandom random_;
  TokenVerifier verifier_{index_.database(), clock_};
  ShareLinks links_{index_.database(), verifier_, clock_, random_};
  Principal reader_ = sharer_with({Role::reader});
  int64_t ours_ = 0;
  int64_t theirs_ = 0;
};

TEST_F(ShareLinkTest, OpensItsStudyAndNothingElse) {
  const ShareLink link = make();
  EXPECT_EQ(link.study, (BoundStudy{ours_, "1.2.1"}));
  EXPECT_EQ(link.expires_at, clock_.now() + 600'000);
  EXPECT_GE(link.secret.size() * 6, 128U);

  const Principal principal = must(links_.authenticate(link.secret));
  EXPECT_EQ(principal.id, "link:" + std::to_string(link.id));
  EXPECT_EQ(principal.bound_study, link.study);
  EXPECT_EQ(principal.expires_at, link.expires_at);
  const index::Scope scope = must(ScopeMaker::for_principal(principal, Purpose::read_images));
  EXPECT_TRUE(must(index_.studies().find(scope, ours_)));
  EXPECT_FALSE(must(index_.studies().find(scope, theirs_)));
  EXPECT_FALSE(must(index_.images().find(scope, tests::image_uid("1.2.2.1.1"))));
  EXPECT_TRUE(must(index_.images().find(scope, tests::image_uid("1.2.1.1.1"))));
  EXPECT_EQ(must(index_.studies().list(scope, {})).studies.size(), 1U);
}

TEST_F(ShareLinkTest, IsReadOnlyAndMakesNoLinks) {
  const Principal principal = must(links_.authenticate(make().secret));
  for (const Action action : {Action::hand_out_links, Action::upload, Action::read_own_uploads,
                              Action::administer, Action::read_metrics}) {
    EXPECT_FALSE(may(principal, action)) << to_string(action);
  }
  EXPECT_EQ(reason_of(links_.create(principal, ours_, std::chrono::seconds(60), "r")), "forbidden");
}

TEST_F(ShareLinkTest, EndsWithItsTimeItsRevocationOrItsStudy) {
  const ShareLink expired = make(std::chrono::seconds(5));
  const ShareLink revoked = make();
  ASSERT_TRUE(links_.authenticate(expired.secret));
  ASSERT_TRUE(links_.authenticate(revoked.secret));
  clock_.advance(std::chrono::seconds(5));
  EXPECT_EQ(reason_of(links_.authenticate(expired.secret)), "unauthenticated");

  EXPECT_EQ(reason_of(links_.revoke(reader_, revoked.id, "r")), "forbidden");
  ASSERT_TRUE(links_.authenticate(revoked.secret));
  must(links_.revoke(sharer_with({Role::admin}), revoked.id, "r"));
  EXPECT_EQ(reason_of(links_.authenticate(revoked.secret)), "unauthenticated");

  const ShareLink orphan = make();
  must(index_.remove({.study_ids = {ours_}}, tests::audit_line("study.remove")));
  EXPECT_EQ(reason_of(links_.authenticate(orphan.secret)), "unauthenticated");
}

TEST_F(ShareLinkTest, EndsWithTheTokenOfWhoMadeIt) {
  TokenIssuer issuer(index_.database(), verifier_, clock_, random_);
  const Principal admin = sharer_with({Role::admin});
  const NewToken maker = must(issuer.create(admin, {"leaves today", {Role::reader}, {}}, "r"));
  const Principal reader = *must(verifier_.find(maker.secret));
  const ShareLink theirs = must(links_.create(reader, ours_, std::chrono::seconds(60), "r"));
  const ShareLink of_another = make();
  ASSERT_TRUE(links_.authenticate(theirs.secret));

  must(issuer.revoke(admin, maker.token.id, "r"));
  EXPECT_EQ(reason_of(links_.authenticate(theirs.secret)), "unauthenticated");
  EXPECT_TRUE(links_.authenticate(of_another.secret));
}

TEST_F(ShareLinkTest, IsMadeOnlyWithinBounds) {
  using std::chrono::seconds;
  EXPECT_EQ(reason_of(links_.create(reader_, ours_, seconds(0), "r")), "bad_expiry");
  EXPECT_EQ(reason_of(links_.create(reader_, ours_, seconds(604'801), "r")), "bad_expiry");
  EXPECT_TRUE(links_.create(reader_, ours_, seconds(604'800), "r"));
  EXPECT_EQ(reason_of(links_.create(reader_, 4711, seconds(60), "r")), "no_such_study");
  for (const Roles roles : {Roles(), Roles{Role::uploader}, Roles{Role::metrics}}) {
    EXPECT_EQ(reason_of(links_.create(sharer_with(roles), ours_, seconds(60), "r")), "forbidden");
  }
}

TEST_F(ShareLinkTest, AnOrdinaryTokenIsNoLinkAndNoLinkIsRevokedAsOne) {
  TokenIssuer issuer(index_.database(), verifier_, clock_, random_);
  const NewToken token =
      must(issuer.create(sharer_with({Role::admin}), {"x", {Role::reader}, {}}, "r"));
  EXPECT_EQ(reason_of(links_.authenticate(token.secret)), "unauthenticated");
  EXPECT_EQ(reason_of(links_.revoke(sharer_with({Role::admin}), token.token.id, "r")),
            "no_such_token");
  EXPECT_TRUE(must(verifier_.find(token.secret)));
}

TEST_F(ShareLinkTest, IsInTheAuditLogWithItsStudy) {
  const ShareLink link = make();
  const auto lines = must(index_.audit_log().list(ScopeMaker::of_server(), {}));
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines[0].line.action, "link.create");
  EXPECT_EQ(lines[0].line.actor, reader_.id);
  EXPECT_EQ(lines[0].line.study_uid, "1.2.1");
  EXPECT_EQ(lines[0].line.detail.find(link.secret), std::string::npos);
}

}  // namespace
}  // namespace pacs::access
