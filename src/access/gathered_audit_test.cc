#include "access/gathered_audit.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "access/audit_lines.h"
#include "access/background_work.h"
#include "access/scope_maker.h"
#include "tests/support/index_builder.h"

namespace pacs::access {
namespace {

using tests::must;
using tests::TestIndex;

class GatheredAuditTest : public ::testing::Test {
 protected:
  index::AuditLine read_of(const std::string& actor, const std::string& study) {
    Principal principal;
    principal.id = actor;
    index::AuditLine line = audit_line(principal, audit_action::kStudyRead, "r1", clock_);
    line.study_uid = study;
    line.image_uid = study + ".1.1";
    return line;
  }
  std::vector<index::StoredAuditLine> log() {
    index::AuditQuery query;
    query.limit = index::AuditLog::kPageMax;
    return must(index_.audit_log().list(ScopeMaker::of_server(), query));
  }

  TestIndex index_;
  ManualClock clock_{1'700'000'040'000};  // the start of a minute
};

TEST_F(GatheredAuditTest, AThousandReadsOfAStudyAreOneLineAMinute) {
  GatheredAudit audit(index_.database(), clock_);
  for (int i = 0; i < 1000; ++i) {
    must(audit.note(read_of("token:1", "1.2.1")));
    if (i % 100 == 0) must(audit.flush());
    clock_.advance(std::chrono::milliseconds(59));
  }
  must(audit.flush());
  ASSERT_EQ(log().size(), 1U);
  EXPECT_EQ(log()[0].line.time, 1'700'000'040'000);
  EXPECT_EQ(log()[0].line.study_uid, "1.2.1");
  EXPECT_EQ(log()[0].line.image_uid, "") << "it stands for the whole study";

  clock_.advance(std::chrono::seconds(2));
  must(audit.note(read_of("token:1", "1.2.1")));
  must(audit.flush());
  EXPECT_EQ(log().size(), 2U) << "the next minute";
}

TEST_F(GatheredAuditTest, WhatDiffersHasALineOfItsOwn) {
  GatheredAudit audit(index_.database(), clock_);
  must(audit.note(read_of("token:1", "1.2.1")));
  must(audit.note(read_of("token:2", "1.2.1")));
  must(audit.note(read_of("token:1", "1.2.2")));
  index::AuditLine refused = read_of("token:1", "1.2.1");
  refused.outcome = index::AuditOutcome::refused;
  must(audit.note(refused));
  index::AuditLine other = read_of("token:1", "1.2.1");
  other.action = audit_action::kUrlMake;
  must(audit.note(other));
  must(audit.note(read_of("token:1", "1.2.1")));
  must(audit.flush());
  EXPECT_EQ(log().size(), 5U);
  EXPECT_FALSE(must(index_.audit_log().verify_chain())) << "the chain is whole";
}

TEST_F(GatheredAuditTest, IsFlushedWhenItEnds) {
  {
    GatheredAudit audit(index_.database(), clock_);
    must(audit.note(read_of("token:1", "1.2.1")));
    EXPECT_EQ(log().size(), 0U);
  }
  EXPECT_EQ(log().size(), 1U);
}

TEST_F(GatheredAuditTest, IsCommittedWithinASecondByTheBackgroundWork) {
  GatheredAudit audit(index_.database(), clock_);
  static_assert(BackgroundWork::kInterval <= std::chrono::milliseconds(500));
  const BackgroundWork flushing([&] { (void)audit.flush(); });
  must(audit.note(read_of("token:1", "1.2.1")));
  // A machine that runs other tests too may take longer; it is the interval that we promise.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (log().empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(log().size(), 1U);
}

TEST_F(GatheredAuditTest, KeepsItsLinesInBoundsAndWritesThemWhenTheyAreMany) {
  GatheredAudit audit(index_.database(), clock_);
  for (size_t i = 0; i < GatheredAudit::kWaitingMax + 1; ++i) {
    must(audit.note(read_of("token:1", "1.2." + std::to_string(i))));
    ASSERT_LE(audit.waiting(), GatheredAudit::kWaitingMax);
  }
  EXPECT_EQ(audit.waiting(), 1U) << "room was made by writing the others";
}

TEST_F(GatheredAuditTest, LosesNoLineBetweenManyThreads) {
  GatheredAudit audit(index_.database(), clock_);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        must(audit.note(read_of("token:" + std::to_string(t), "1.2." + std::to_string(i))));
        if (i % 20 == 0) must(audit.flush());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  must(audit.flush());
  EXPECT_EQ(log().size(), 800U);
  EXPECT_FALSE(must(index_.audit_log().verify_chain()));
}

TEST_F(GatheredAuditTest, AFloodOfStrangersTakesABoundedPartOfTheLog) {
  GatheredAudit audit(index_.database(), clock_);
  for (int i = 0; i < 5000; ++i) audit.note_stranger("192.0.2." + std::to_string(i));
  must(audit.flush());
  const auto lines = log();
  EXPECT_EQ(lines.size(), GatheredAudit::kStrangersPerMinute + 1);
  EXPECT_EQ(lines[0].line.actor, "client:others");
  EXPECT_EQ(lines.back().line.actor, "client:192.0.2.0");
  EXPECT_EQ(lines.back().line.outcome, index::AuditOutcome::refused);
  EXPECT_EQ(lines.back().line.action, "authenticate");

  clock_.advance(std::chrono::minutes(1));
  audit.note_stranger("192.0.2.77");
  must(audit.flush());
  EXPECT_EQ(log()[0].line.actor, "client:192.0.2.77");
}

TEST(BackgroundWork, RunsAgainAndAgainAndOnceMoreAtTheEnd) {
  std::atomic<int> rounds{0};
  {
    const BackgroundWork work([&] { ++rounds; }, std::chrono::milliseconds(1));
    while (rounds < 3) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const int after = rounds;
  EXPECT_GT(after, 3);
  {
    const BackgroundWork work([&] { ++rounds; }, std::chrono::hours(1));
  }
  EXPECT_EQ(rounds, after + 1);
}

}  // namespace
}  // namespace pacs::access
