#include "index/image_checks.h"

#include <set>

#include "index/sqlite_connection.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::must;
using tests::Scopes;

class ImageChecksTest : public ::testing::Test {
 protected:
  int64_t store(const std::string& image) {
    return must(index_.ingests().commit(tests::ingest_of("1.2", "1.2.3", image),
                                        tests::audit_line()))
        .image.id;
  }

  tests::TestIndex index_;
  ImageChecks checks_{index_.database()};
};

TEST_F(ImageChecksTest, PagesThroughEveryRowOnce) {
  for (int i = 1; i <= 7; ++i) store("1.2.3." + std::to_string(i));
  std::vector<std::string> seen;
  int64_t after = 0;
  for (;;) {
    const auto page = must(checks_.page(Scopes::everything(), after, 3));
    for (const ImageRecord& image : page) seen.push_back(image.image_uid.str());
    if (page.size() < 3) break;
    after = page.back().id;
  }
  EXPECT_EQ(seen.size(), 7U);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 7U);
  EXPECT_TRUE(must(checks_.page(Scope::nothing(), 0, 3)).empty());
}

TEST_F(ImageChecksTest, KnowsWhichKeysHaveARowInWhichStore) {
  store("1.2.3.1");
  const ObjectKey known = tests::ingest_of("1.2", "1.2.3", "1.2.3.1").image.key;
  const ObjectKey unknown = tests::ingest_of("1.2", "1.2.3", "1.2.3.2").image.key;
  const std::vector<ObjectKey> keys = {unknown, known};
  EXPECT_EQ(must(checks_.have_rows(Scopes::everything(), "main", keys)),
            (std::vector<bool>{false, true}));
  EXPECT_EQ(must(checks_.have_rows(Scopes::everything(), "other", keys)),
            (std::vector<bool>{false, false}));
}

TEST_F(ImageChecksTest, TheOldestIsWhatHasWaitedLongest) {
  const auto oldest = [&] { return must(checks_.oldest_verified_at(Scopes::everything())); };
  EXPECT_EQ(oldest(), std::nullopt) << "there are no images";
  const int64_t first = store("1.2.3.1");
  const int64_t second = store("1.2.3.2");
  const UnixMillis stored_at =
      must(index_.images().find(Scopes::everything(), first))->attributes.stored_at;
  EXPECT_EQ(oldest(), stored_at) << "they were hashed when they came";
  must(checks_.set_verified({{first, "x"}}, stored_at + 9'000));
  EXPECT_EQ(oldest(), stored_at) << "the second one has waited since then";
  must(checks_.set_verified({{second, "x"}}, stored_at + 5'000));
  EXPECT_EQ(oldest(), stored_at + 5'000);
  EXPECT_EQ(must(checks_.oldest_verified_at(Scope::nothing())), std::nullopt);
}

TEST_F(ImageChecksTest, RemembersWhenAnImageWasVerifiedUntilItIsRemoved) {
  const int64_t id = store("1.2.3.1");
  EXPECT_FALSE(must(checks_.verified_at(Scopes::everything(), id)));
  must(checks_.set_verified({{id, "identity-2"}, {id + 100, "x"}}, 7'000));
  must(checks_.set_verified({{id, "identity-2"}}, 8'000));
  index_.reopen();
  ImageChecks checks(index_.database());
  EXPECT_EQ(must(checks.verified_at(Scopes::everything(), id)), 8'000);
  EXPECT_EQ(must(index_.images().find(Scopes::everything(), id))->attributes.blob_identity,
            "identity-2");
  EXPECT_FALSE(must(checks.verified_at(Scopes::everything(), id + 100)));

  const Removal removal{.image_ids = {id}};
  must(index_.remove(removal, tests::audit_line("image.remove", 9'000)));
  EXPECT_EQ(must(index_.database().read([](Connection& connection) {
              return connection.find_int64("SELECT count(*) FROM image_checks");
            })),
            0);
  const ObjectKey key = tests::ingest_of("1.2", "1.2.3", "1.2.3.1").image.key;
  EXPECT_EQ(must(checks.removed_at(Scopes::everything(), key)), 9'000);
}

TEST_F(ImageChecksTest, KeepsTheProgressOfEachWalk) {
  EXPECT_FALSE(must(checks_.progress("a")));
  must(checks_.set_progress("a", "1"));
  must(checks_.set_progress("b", "2"));
  must(checks_.set_progress("a", "3"));
  index_.reopen();
  ImageChecks checks(index_.database());
  EXPECT_EQ(must(checks.progress("a")), "3");
  EXPECT_EQ(must(checks.progress("b")), "2");
}

TEST(AuditLogCovers, OnlyWhatTheRunOfThatTimeHasOutlived) {
  DatabaseOptions options;
  options.started_at = 1'000;
  tests::TestIndex index(options);
  AuditLog log = index.audit_log();
  EXPECT_FALSE(must(log.covers(1'500))) << "nothing was written yet";
  must(log.append(tests::audit_line("test", 2'000)));
  EXPECT_TRUE(must(log.covers(1'500)));
  EXPECT_TRUE(must(log.covers(2'000)));
  EXPECT_FALSE(must(log.covers(2'001))) << "the run may have been cut there";
  EXPECT_FALSE(must(log.covers(500))) << "before this index";
}

}  // namespace
}  // namespace pacs::index
