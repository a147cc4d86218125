#include "index/audit_log.h"

#include <gtest/gtest.h>

#include "index/audit_chain.h"
#include "index/write_transaction.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::must;
using tests::reason_of;
using tests::Scopes;
using tests::TestIndex;

// What somebody with a database shell may do.
void tamper(TestIndex& index, const std::string& sql) {
  must(index.database().write([&](WriteTransaction& transaction) {
    return transaction.connection().run_script("PRAGMA defer_foreign_keys=ON; " + sql);
  }));
}

void add_lines(TestIndex& index) {
  for (int i = 0; i < 5; ++i) {
    must(index.audit_log().append(audit_line("action " + std::to_string(i), 100 + i)));
  }
  index.reopen();
  must(index.audit_log().append_reads({audit_line("read", 200), audit_line("read", 201)}));
}

TEST(AuditLog, AnUntouchedLogVerifiesOverSeveralStarts) {
  TestIndex index;
  EXPECT_FALSE(must(index.audit_log().verify_chain())) << "an empty one";
  add_lines(index);
  EXPECT_FALSE(must(index.audit_log().verify_chain()));
}

TEST(AuditLog, FindsTheFirstLineThatWasChangedTakenOutOrPutIn) {
  const struct {
    const char* sql;
    int64_t chain;
    int64_t sequence;
  } cases[] = {
      {"UPDATE audit_lines SET detail = 'x' WHERE sequence = 3 AND chain_id = 1", 1, 3},
      {"UPDATE audit_lines SET time = time + 1 WHERE chain_id = 2 AND sequence = 1", 2, 1},
      {"UPDATE audit_lines SET actor = action, action = actor WHERE id = 2", 1, 2},
      {"DELETE FROM audit_lines WHERE chain_id = 1 AND sequence = 2", 1, 2},
      {"DELETE FROM audit_lines WHERE chain_id = 1 AND sequence = 5", 2, 0},
      {"INSERT INTO audit_lines SELECT 99, chain_id, 6, time, actor, action, study_uid, image_uid,"
       " request_id, outcome, detail, hash FROM audit_lines WHERE id = 5",
       1, 6},
      {"DELETE FROM audit_lines WHERE chain_id = 1; DELETE FROM audit_chains WHERE id = 1", 1, 0},
      {"UPDATE audit_chains SET node = 'other' WHERE id = 2", 2, 0},
  };
  for (const auto& change : cases) {
    TestIndex index;
    add_lines(index);
    tamper(index, change.sql);
    const auto broken = must(index.audit_log().verify_chain());
    ASSERT_TRUE(broken) << change.sql;
    EXPECT_EQ(broken->chain_id, change.chain) << change.sql;
    EXPECT_EQ(broken->sequence, change.sequence) << change.sql;
    EXPECT_FALSE(broken->reason.empty());
  }
}

TEST(AuditLog, IsListedNewestFirstByFilterAndPage) {
  TestIndex index;
  add_lines(index);
  AuditLine of_study = audit_line("study.read", 300);
  of_study.study_uid = "1.2.3";
  of_study.actor = "bob";
  of_study.outcome = AuditOutcome::refused;
  must(index.audit_log().append(of_study));
  const auto list = [&](const AuditQuery& query) {
    return must(index.audit_log().list(Scopes::everything(), query));
  };
  EXPECT_EQ(list({}).size(), 8U);
  EXPECT_EQ(list({.study_uid = "1.2.3"}).at(0).line.outcome, AuditOutcome::refused);
  EXPECT_EQ(list({.actor = "bob"}).size(), 1U);
  EXPECT_EQ(list({.action = "read"}).size(), 2U);
  EXPECT_EQ(list({.from = 101, .before = 103}).size(), 2U);
  const auto first = list({.limit = 3});
  ASSERT_EQ(first.size(), 3U);
  EXPECT_GT(first[0].id, first[1].id);
  EXPECT_EQ(list({.before_id = first[2].id}).size(), 5U);
  EXPECT_EQ(reason_of(index.audit_log().list(Scopes::everything(), {.limit = 0})), "page_size");
}

TEST(AuditLog, NoFieldCanPassForAnother) {
  AuditLine left = audit_line();
  left.actor = "a\naction=1:b";
  left.action = "c";
  AuditLine right = audit_line();
  right.actor = "a";
  right.action = "b\naction=1:c";
  EXPECT_NE(hash_of_line({}, 1, 1, left), hash_of_line({}, 1, 1, right));
}

// The worked example of docs/design/index-schema.md.
TEST(AuditLog, TheCanonicalTextIsTheDocumentedOne) {
  AuditLine line;
  line.time = 1'790'000'000'000;
  line.actor = "token:7";
  line.action = "image.store";
  line.study_uid = "1.2.3";
  line.image_uid = "1.2.3.4";
  line.request_id = "r-1";
  const std::string text =
      "pacs-lite audit line 1\n"
      "previous=64:0000000000000000000000000000000000000000000000000000000000000000\n"
      "chain=1:1\nsequence=1:1\ntime=13:1790000000000\nactor=7:token:7\naction=11:image.store\n"
      "study_uid=5:1.2.3\nimage_uid=7:1.2.3.4\nrequest_id=3:r-1\noutcome=1:1\ndetail=0:\n";
  EXPECT_EQ(hash_of_line({}, 1, 1, line), sha256(as_bytes(text)));
  EXPECT_EQ(hash_of_line({}, 1, 1, line).hex(),
            "2a351f9f9899ee4fb5ad7ab25fd15b27e43d7b79f10db2d0a105581c3a22f042");
}

}  // namespace
}  // namespace pacs::index
