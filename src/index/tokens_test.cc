#include "index/tokens.h"

#include <gtest/gtest.h>

#include "index/ingests.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::digest_of;
using tests::must;
using tests::reason_of;
using tests::Scopes;
using tests::TestIndex;

TEST(Tokens, AreFoundBySecretListedAndRevoked) {
  TestIndex index;
  const auto made = must(index.tokens().create(
      {.name = "ward 3", .roles = "reader", .secret_sha256 = digest_of("s"), .expires_at = 9'000},
      audit_line("token.create", 1'000)));
  EXPECT_EQ(made.created_at, 1'000);
  EXPECT_EQ(made.expires_at, 9'000);
  const auto found = must(index.tokens().find_by_secret(Scopes::everything(), digest_of("s")));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, made.id);
  EXPECT_EQ(found->name, "ward 3");
  EXPECT_EQ(found->roles, "reader");
  EXPECT_FALSE(must(index.tokens().find_by_secret(Scopes::everything(), digest_of("t"))));
  EXPECT_EQ(reason_of(index.tokens().create({.secret_sha256 = digest_of("s")}, audit_line())),
            "token");

  must(index.tokens().touch(made.id, 5'000));
  must(index.tokens().touch(made.id, 4'000));
  EXPECT_EQ(must(index.tokens().find(Scopes::everything(), made.id))->last_used_at, 5'000);
  EXPECT_EQ(must(index.tokens().revoke(made.id, audit_line("revoke", 6'000))).revoked_at, 6'000);
  EXPECT_EQ(must(index.tokens().revoke(made.id, audit_line("revoke", 7'000))).revoked_at, 6'000);
  EXPECT_EQ(reason_of(index.tokens().revoke(99, audit_line())), "no_such_token");
  must(index.tokens().create({.secret_sha256 = digest_of("u")}, audit_line()));
  const auto all = must(index.tokens().list(Scopes::everything()));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].id, made.id) << "newest first";
}

TEST(Tokens, AShareLinkGoesWithItsStudy) {
  TestIndex index;
  EXPECT_EQ(reason_of(index.tokens().create(
                {.secret_sha256 = digest_of("s"), .studies = {{77, "1.2"}}}, audit_line())),
            "no_such_study");
  // A study made by metadata, which then turns out to be another.
  const auto upload =
      must(index.uploads().announce(tests::announcement("a", "1.1"), audit_line())).record;
  must(index.tokens().create(
      {.secret_sha256 = digest_of("s"), .studies = {{*upload.study_id, "1.2"}}}, audit_line()));
  must(index.ingests().commit(tests::ingest_of("9.1", "9.2", "9.3"), audit_line()));
  auto bytes = tests::ingest_of("9.1", "9.2", "9.4");
  bytes.upload = upload.key;
  const auto stored = must(index.ingests().commit(bytes, audit_line()));
  EXPECT_FALSE(must(index.tokens().find_by_secret(Scopes::everything(), digest_of("s"))))
      << "it was made for less than that study";
  must(index.tokens().create(
      {.secret_sha256 = digest_of("s"), .studies = {{stored.image.study_id, "1.2"}}},
      audit_line()));
  must(index.remove({.study_ids = {stored.image.study_id}}, audit_line()));
  EXPECT_FALSE(must(index.tokens().find_by_secret(Scopes::everything(), digest_of("s"))));
}

TEST(ArchiveState, MarksOfIdsOnlyRise) {
  TestIndex index;
  must(index.state().raise_id_marks(
      {.study = 50, .series = 60, .image = 70, .upload = 80, .session = 90}, audit_line()));
  const auto stored =
      must(index.ingests().commit(tests::ingest_of("1.1", "1.2", "1.3"), audit_line()));
  EXPECT_EQ(stored.image.study_id, 51);
  EXPECT_EQ(stored.image.series_id, 61);
  EXPECT_EQ(stored.image.id, 71);
  must(index.state().raise_id_marks({}, audit_line()));
  EXPECT_EQ(must(index.state().id_marks()),
            (IdMarks{.study = 51, .series = 61, .image = 71, .upload = 80, .session = 90}));
}

TEST(ArchiveState, KeepsValuesByName) {
  TestIndex index;
  EXPECT_FALSE(must(index.state().find("a")));
  must(index.state().set("a", "1", audit_line()));
  must(index.state().set("a", "2", audit_line()));
  EXPECT_EQ(must(index.state().find("a")), "2");
}

}  // namespace
}  // namespace pacs::index
