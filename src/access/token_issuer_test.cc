// Tokens from their making to their end, over a real index.
#include "access/token_issuer.h"

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "access/scope_maker.h"
#include "access/token_verifier.h"
#include "core/file.h"
#include "tests/support/index_builder.h"

namespace pacs::access {
namespace {

using tests::must;
using tests::reason_of;
using tests::TestIndex;

Principal issuer_with(Roles roles) {
  Principal principal;
  principal.id = "token:900";
  principal.roles = roles;
  return principal;
}

class TokenTest : public ::testing::Test {
 protected:
  NewToken make(const TokenOrder& order) { return must(issuer_.create(admin_, order, "r1")); }
  bool opens(const std::string& secret) { return must(verifier_.find(secret)).has_value(); }
  index::TokenRecord record_of(int64_t id) {
    return *must(index_.tokens().find(ScopeMaker::of_server(), id));
  }
  // Whether any file of the index holds these bytes.
  bool index_holds(std::string_view needle) {
    for (const auto& entry : std::filesystem::directory_iterator(index_.folder())) {
      if (!entry.path().filename().string().starts_with("index")) continue;
      if (must(read_file(entry.path(), 100'000'000)).find(needle) != std::string::npos) return true;
    }
    return false;
  }

  TestIndex index_;
  ManualClock clock_;
  SystemRandom random_;
  TokenVerifier verifier_{index_.database(), clock_};
  TokenIssuer issuer_{index_.database(), verifier_, clock_, random_};
  Principal admin_ = issuer_with({Role::admin});
};

TEST_F(TokenTest, ATokenOpensWithItsNameAndRoles) {
  const NewToken made = make({"X-ray room 2", {Role::reader, Role::uploader}, {}});
  const auto principal = must(verifier_.find(made.secret));
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->id, "token:" + std::to_string(made.token.id));
  EXPECT_EQ(principal->display_name, "X-ray room 2");
  EXPECT_EQ(principal->roles.str(), "reader,uploader");
  EXPECT_FALSE(principal->expires_at);
  EXPECT_FALSE(principal->bound_studies);

  std::string other = made.secret;
  other.back() = other.back() == 'A' ? 'E' : 'A';
  other[10] = other[10] == 'x' ? 'y' : 'x';
  EXPECT_FALSE(opens(other));
}

TEST_F(TokenTest, TheSecretIsNowhereInTheIndex) {
  const NewToken made = make({"device", {Role::reader}, {}});
  index_.reopen();  // so that the write-ahead log is in the database too
  const std::string encoded = made.secret.substr(3);
  EXPECT_FALSE(index_holds(encoded));
  EXPECT_FALSE(index_holds(as_text(*from_base64url(encoded))));
  EXPECT_TRUE(index_holds(as_text(sha256(as_bytes(made.secret)).bytes))) << "the control";
}

TEST_F(TokenTest, AnExpiredTokenOpensNothingAlsoWhenItIsRemembered) {
  const NewToken made = make({"guest", {Role::reader}, std::chrono::seconds(5)});
  EXPECT_EQ(made.token.expires_at, clock_.now() + 5'000);
  clock_.advance(std::chrono::milliseconds(4'999));
  EXPECT_TRUE(opens(made.secret));
  clock_.advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(opens(made.secret));
  EXPECT_FALSE(verifier_.find_remembered(made.secret));
}

TEST_F(TokenTest, ARevokedTokenOpensNothingFromThenOn) {
  const NewToken made = make({"lost laptop", {Role::reader}, {}});
  const NewToken other = make({"desk", {Role::reader}, {}});
  ASSERT_TRUE(opens(made.secret));
  ASSERT_TRUE(verifier_.find_remembered(made.secret));
  const TokenSummary revoked = must(issuer_.revoke(admin_, made.token.id, "r2"));
  EXPECT_EQ(revoked.revoked_at, clock_.now());
  EXPECT_FALSE(opens(made.secret));
  EXPECT_TRUE(opens(other.secret));

  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(must(issuer_.revoke(admin_, made.token.id, "r3")).revoked_at, clock_.now() - 1'000);
  EXPECT_EQ(reason_of(issuer_.revoke(admin_, 12345, "r4")), "no_such_token");
}

TEST_F(TokenTest, WhatAnotherProcessRevokesIsForgottenWithinSeconds) {
  const NewToken made = make({"tablet", {Role::reader}, {}});
  ASSERT_TRUE(opens(made.secret));
  must(index_.tokens().revoke(made.token.id, tests::audit_line("token.revoke")));
  EXPECT_TRUE(opens(made.secret)) << "remembered";
  clock_.advance(TokenVerifier::kRememberedFor);
  EXPECT_FALSE(opens(made.secret));
}

TEST_F(TokenTest, ARevocationIsNeverOvertakenByAnOlderAnswer) {
  for (int round = 0; round < 20; ++round) {
    const NewToken made = make({"racer " + std::to_string(round), {Role::reader}, {}});
    std::atomic<bool> stop{false};
    std::vector<std::thread> readers;
    readers.reserve(2);
    for (int i = 0; i < 2; ++i) {
      readers.emplace_back([&] {
        while (!stop) (void)verifier_.find(made.secret);
      });
    }
    must(issuer_.revoke(admin_, made.token.id, "r"));
    EXPECT_FALSE(opens(made.secret));
    EXPECT_FALSE(verifier_.find_remembered(made.secret));
    stop = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_FALSE(opens(made.secret));
  }
}

TEST_F(TokenTest, LastUseIsWrittenAtMostOnceAMinute) {
  const NewToken made = make({"viewer", {Role::reader}, {}});
  const UnixMillis first = clock_.now();
  ASSERT_TRUE(opens(made.secret));
  EXPECT_FALSE(record_of(made.token.id).last_used_at) << "not on the way of the request";
  verifier_.write_uses();
  EXPECT_EQ(record_of(made.token.id).last_used_at, first);

  clock_.advance(std::chrono::seconds(59));
  ASSERT_TRUE(opens(made.secret));
  verifier_.write_uses();
  EXPECT_EQ(record_of(made.token.id).last_used_at, first);
  clock_.advance(std::chrono::seconds(1));
  ASSERT_TRUE(opens(made.secret));
  verifier_.write_uses();
  EXPECT_EQ(record_of(made.token.id).last_used_at, first + 60'000);
}

TEST_F(TokenTest, OnlyAdministratorsMakeListAndRevoke) {
  const NewToken made = make({"x", {Role::reader}, {}});
  for (const Roles roles : {Roles(), Roles{Role::reader}, Roles{Role::uploader},
                            Roles{Role::reader, Role::uploader, Role::metrics}}) {
    const Principal principal = issuer_with(roles);
    EXPECT_EQ(reason_of(issuer_.create(principal, {"y", {Role::reader}, {}}, "r")), "forbidden");
    EXPECT_EQ(reason_of(issuer_.list(principal)), "forbidden");
    EXPECT_EQ(reason_of(issuer_.revoke(principal, made.token.id, "r")), "forbidden");
  }
  EXPECT_TRUE(opens(made.secret));
  EXPECT_EQ(must(issuer_.list(admin_)).size(), 1U);
}

TEST_F(TokenTest, AnOrderOutOfBoundsIsRefused) {
  const std::pair<TokenOrder, const char*> cases[] = {
      {{"", {Role::reader}, {}}, "bad_name"},
      {{"a\nb", {Role::reader}, {}}, "bad_name"},
      {{std::string(101, 'x'), {Role::reader}, {}}, "bad_name"},
      {{"x", {}, {}}, "no_roles"},
      {{"x", {Role::reader}, std::chrono::seconds(0)}, "bad_expiry"},
      {{"x", {Role::reader}, std::chrono::seconds(-5)}, "bad_expiry"},
      {{"x", {Role::reader}, std::chrono::hours(24 * 3651)}, "bad_expiry"},
  };
  for (const auto& [order, reason] : cases) {
    EXPECT_EQ(reason_of(issuer_.create(admin_, order, "r")), reason) << order.name;
  }
  EXPECT_TRUE(must(issuer_.list(admin_)).empty());
}

TEST_F(TokenTest, EachChangeIsInTheAuditLogWithoutTheSecret) {
  const NewToken made = make({"ward 3", {Role::reader}, {}});
  must(issuer_.revoke(admin_, made.token.id, "r2"));
  const auto lines = must(index_.audit_log().list(ScopeMaker::of_server(), {}));
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1].line.action, "token.create");
  EXPECT_EQ(lines[1].line.actor, admin_.id);
  EXPECT_EQ(lines[1].line.detail, "ward 3 (reader)");
  EXPECT_EQ(lines[0].line.action, "token.revoke");
  EXPECT_EQ(lines[0].line.request_id, "r2");
  EXPECT_EQ(lines[0].line.detail, "token " + std::to_string(made.token.id));
}

TEST_F(TokenTest, TheFirstStartMakesAnAdministratorsTokenOnce) {
  const std::string folder = index_.folder();
  const auto secret = must(issuer_.make_first(folder));
  ASSERT_TRUE(secret);
  const auto principal = must(verifier_.find(*secret));
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->roles.str(), "admin");
  EXPECT_EQ(must(read_file(folder + "/admin-token", 1000)), *secret + "\n");
  struct stat facts = {};
  ASSERT_EQ(::stat((folder + "/admin-token").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);

  EXPECT_FALSE(must(issuer_.make_first(folder)));
  EXPECT_EQ(must(read_file(folder + "/admin-token", 1000)), *secret + "\n");
  // Also not when it was revoked: an archive without a valid token is not a new archive.
  must(issuer_.revoke(admin_, must(issuer_.list(admin_)).front().id, "r"));
  EXPECT_FALSE(must(issuer_.make_first(folder)));
}

TEST_F(TokenTest, AStartThatWasCutAfterTheFileMakesAnother) {
  const std::string folder = index_.folder();
  must(replace_file(folder + "/admin-token", as_bytes("pl_of_the_start_that_was_cut\n"), 0600));
  const auto secret = must(issuer_.make_first(folder));
  ASSERT_TRUE(secret);
  EXPECT_EQ(must(read_file(folder + "/admin-token", 1000)), *secret + "\n");
}

TEST_F(TokenTest, WhenTheFileCannotBeWrittenThereIsNoToken) {
  EXPECT_FALSE(issuer_.make_first(index_.folder().string() + "/absent"));
  EXPECT_TRUE(must(issuer_.list(admin_)).empty());
}

TEST_F(TokenTest, MoreTokensThanAreRememberedStillOpen) {
  const NewToken first = make({"first", {Role::reader}, {}});
  ASSERT_TRUE(opens(first.secret));
  // Many at once share a commit.
  constexpr size_t kThreads = 64;
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < TokenVerifier::kRememberedMax; i += kThreads) {
        index::TokenRequest request;
        request.name = "many";
        request.roles = "reader";
        const std::string secret = "pl_" + to_base64url(sha256(as_bytes(std::to_string(i))).bytes);
        request.secret_sha256 = sha256(as_bytes(secret));
        must(index_.tokens().create(request, tests::audit_line()));
        EXPECT_TRUE(opens(secret));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(verifier_.find_remembered(first.secret)) << "the oldest was forgotten";
  EXPECT_TRUE(opens(first.secret));
}

}  // namespace
}  // namespace pacs::access
