// A share link opens its studies, read only, until its end, by its address and by its secret.
#include "access/share_links.h"

#include <gtest/gtest.h>

#include "access/actions.h"
#include "access/scope_maker.h"
#include "access/token_issuer.h"
#include "access/token_verifier.h"
#include "tests/support/index_builder.h"
#include "tests/support/link_keys.h"

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
  ShareLinks links_{index_.database(), verifier_, clock_, random_, tests::fixed_link_keys()};
  Principal reader_ = sharer_with({Role::reader});
  int64_t ours_ = 0;
  int64_t theirs_ = 0;
};

TEST_F(ShareLinkTest, OpensItsStudyAndNothingElse) {
  const ShareLink link = make();
  EXPECT_EQ(link.studies, (std::vector{BoundStudy{ours_, "1.2.1"}}));
  EXPECT_EQ(link.expires_at, clock_.now() + 600'000);
  EXPECT_GE(link.secret.size() * 6, 128U);

  const Principal principal = must(links_.authenticate(link.secret));
  EXPECT_EQ(principal.id, "link:" + std::to_string(link.id));
  EXPECT_EQ(principal.bound_studies, link.studies);
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

  Principal another = sharer_with({Role::reader});
  another.id = "token:901";
  EXPECT_EQ(reason_of(links_.revoke(another, revoked.id, "r")), "no_such_token");
  EXPECT_EQ(reason_of(links_.revoke(sharer_with({Role::uploader}), revoked.id, "r")), "forbidden");
  ASSERT_TRUE(links_.authenticate(revoked.secret));
  EXPECT_TRUE(must(links_.revoke(reader_, revoked.id, "r")).revoked_at) << "its maker may";
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

// "/s/ID.SIGNATURE" without what stands before the id.
std::string address_of(const ShareLink& link) { return link.path.substr(3); }

TEST_F(ShareLinkTest, ItsAddressOpensItForABrowser) {
  const ShareLink link = make();
  const OpenedLink opened = must(links_.open(address_of(link), std::nullopt, "r"));
  EXPECT_EQ(opened.public_id, link.public_id);
  EXPECT_EQ(opened.expires_at, link.expires_at);
  const Principal principal = must(links_.authenticate_cookie(opened.public_id, opened.cookie));
  EXPECT_EQ(principal.id, "link:" + std::to_string(link.id));
  const index::Scope scope = must(ScopeMaker::for_principal(principal, Purpose::read_images));
  EXPECT_TRUE(must(index_.studies().find(scope, ours_)));
  EXPECT_FALSE(must(index_.studies().find(scope, theirs_)));
  EXPECT_TRUE(must(index_.studies().find(ScopeMaker::of_server(), theirs_))) << "it is there";
  EXPECT_EQ(must(links_.list(reader_))[0].use_count, 1);

  // Neither the secret nor the signature is a cookie, and a cookie is good for its own link alone.
  const ShareLink second = make();
  EXPECT_EQ(reason_of(links_.authenticate_cookie(second.public_id, opened.cookie)),
            "unauthenticated");
  EXPECT_EQ(reason_of(links_.authenticate_cookie(link.public_id, link.path.substr(20))),
            "unauthenticated");
  EXPECT_EQ(reason_of(links_.authenticate_cookie(link.public_id, link.secret)), "unauthenticated");
}

TEST_F(ShareLinkTest, AForgedAddressOpensNothing) {
  const ShareLink link = make();
  const ShareLink second = make();
  const std::string good = address_of(link);
  ASSERT_TRUE(links_.open(good, std::nullopt, "r"));
  std::string changed = good;
  changed.back() = changed.back() == 'A' ? 'E' : 'A';
  const std::string swapped = link.public_id + address_of(second).substr(16);
  for (const std::string& forged : {changed, swapped, good + "A", good.substr(0, good.size() - 1),
                                    link.public_id, link.public_id + ".", std::string("."),
                                    std::string(), std::string(16, 'A') + good.substr(16)}) {
    EXPECT_EQ(reason_of(links_.open(forged, std::nullopt, "r")), "unauthenticated") << forged;
  }
}

TEST_F(ShareLinkTest, EndsForABrowserThatHasItOpen) {
  const ShareLink short_lived = make(std::chrono::seconds(5));
  const ShareLink revoked = make();
  const auto first = must(links_.open(address_of(short_lived), std::nullopt, "r"));
  const auto second = must(links_.open(address_of(revoked), std::nullopt, "r"));
  ASSERT_TRUE(links_.authenticate_cookie(first.public_id, first.cookie));
  ASSERT_TRUE(links_.authenticate_cookie(second.public_id, second.cookie));
  clock_.advance(std::chrono::seconds(5));
  EXPECT_EQ(reason_of(links_.authenticate_cookie(first.public_id, first.cookie)),
            "unauthenticated");
  EXPECT_EQ(reason_of(links_.open(address_of(short_lived), std::nullopt, "r")), "unauthenticated");
  must(links_.revoke(reader_, revoked.id, "r"));
  EXPECT_EQ(reason_of(links_.authenticate_cookie(second.public_id, second.cookie)),
            "unauthenticated");
  EXPECT_EQ(reason_of(links_.open(address_of(revoked), std::nullopt, "r")), "unauthenticated");
}

TEST_F(ShareLinkTest, WithAPinTheAddressAloneOpensNothing) {
  const ShareLink link = must(
      links_.create(reader_, {{ours_}, std::chrono::seconds(6000), "for Dr. Lee", "2468"}, "r"));
  EXPECT_TRUE(link.has_pin);
  EXPECT_TRUE(link.secret.empty()) << "no token goes around the PIN";
  const std::string address = address_of(link);
  EXPECT_EQ(reason_of(links_.open(address, std::nullopt, "r")), "pin_needed");
  EXPECT_EQ(reason_of(links_.open(address + "A", "2468", "r")), "unauthenticated");
  EXPECT_EQ(reason_of(links_.open(address, "2469", "r")), "wrong_pin");
  EXPECT_EQ(reason_of(links_.open(address, "1", "r")), "wrong_pin");
  ASSERT_TRUE(links_.open(address, "2468", "r")) << "two were mistyped";

  for (int i = 0; i < ShareLinks::kFreePinFailures; ++i) {
    EXPECT_EQ(reason_of(links_.open(address, "0000", "r")), "wrong_pin");
  }
  EXPECT_EQ(reason_of(links_.open(address, "2468", "r")), "pin_blocked") << "even the right one";
  clock_.advance(ShareLinks::kPinWaitMin);
  EXPECT_EQ(reason_of(links_.open(address, "0000", "r")), "wrong_pin");
  clock_.advance(ShareLinks::kPinWaitMin);
  EXPECT_EQ(reason_of(links_.open(address, "2468", "r")), "pin_blocked") << "the wait doubles";
  clock_.advance(ShareLinks::kPinWaitMin);
  EXPECT_TRUE(links_.open(address, "2468", "r"));
  EXPECT_EQ(reason_of(links_.create(reader_, {{ours_}, std::chrono::seconds(60), "", "12"}, "r")),
            "bad_pin");
}

TEST_F(ShareLinkTest, OpensSeveralStudiesAndEndsWithEachOfThem) {
  const int64_t third = store("1.2.3");
  const ShareLink link =
      must(links_.create(reader_, {{third, ours_, third}, std::chrono::seconds(60), "", ""}, "r"));
  EXPECT_EQ(link.studies.size(), 2U);
  const auto opened = must(links_.open(address_of(link), std::nullopt, "r"));
  const Principal principal = must(links_.authenticate_cookie(opened.public_id, opened.cookie));
  const index::Scope scope = must(ScopeMaker::for_principal(principal, Purpose::read_images));
  EXPECT_TRUE(must(index_.studies().find(scope, ours_)));
  EXPECT_TRUE(must(index_.studies().find(scope, third)));
  EXPECT_FALSE(must(index_.studies().find(scope, theirs_)));
  EXPECT_EQ(must(index_.studies().list(scope, {})).studies.size(), 2U);

  must(index_.remove({.study_ids = {ours_}}, tests::audit_line("study.remove")));
  EXPECT_EQ(reason_of(links_.authenticate_cookie(opened.public_id, opened.cookie)),
            "unauthenticated");
  EXPECT_EQ(reason_of(links_.authenticate(link.secret)), "unauthenticated");
  EXPECT_EQ(must(links_.list(reader_)).size(), 0U);
}

TEST_F(ShareLinkTest, IsListedForItsMakerAndForAdministrators) {
  const ShareLink link = make();
  Principal another = sharer_with({Role::reader});
  another.id = "token:901";
  EXPECT_EQ(must(links_.list(another)).size(), 0U);
  ASSERT_EQ(must(links_.list(reader_)).size(), 1U);
  EXPECT_EQ(must(links_.list(reader_))[0].path, link.path) << "it can be sent again";
  another.roles = {Role::admin};
  EXPECT_EQ(must(links_.list(another)).size(), 1U);
  EXPECT_EQ(reason_of(links_.list(sharer_with({Role::uploader}))), "forbidden");
}

TEST_F(ShareLinkTest, IsInTheAuditLogWithItsStudy) {
  const ShareLink link = make();
  const auto lines = must(index_.audit_log().list(ScopeMaker::of_server(), {}));
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines[0].line.action, "link.create");
  EXPECT_EQ(lines[0].line.actor, reader_.id);
  EXPECT_EQ(lines[0].line.study_uid, "1.2.1");
  EXPECT_EQ(lines[0].line.detail.find(link.secret), std::string::npos);

  must(links_.open(address_of(link), std::nullopt, "r2"));
  const auto after = must(index_.audit_log().list(ScopeMaker::of_server(), {}));
  EXPECT_EQ(after[0].line.action, "link.open");
  EXPECT_EQ(after[0].line.actor, "link:" + std::to_string(link.id));
  EXPECT_EQ(after[0].line.study_uid, "1.2.1");
}

}  // namespace
}  // namespace pacs::access
