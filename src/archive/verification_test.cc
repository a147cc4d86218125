#include "archive/verification.h"

#include <thread>

#include "archive/verify_fixture.h"
#include "archive/verify_walk.h"

namespace pacs::archive {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class VerificationTest : public VerifyTest {
 protected:
  std::unique_ptr<Verification> start_up(const VerificationOptions& options) {
    return std::make_unique<Verification>(
        VerificationParts{stores_, *database_, claims_, retrieve_.readings(), wall_clock_,
                          metrics_},
        tests::Scopes::everything(), options);
  }

  // Until a pass is there that `is_wanted`; waits 20 s at most.
  static VerifyReport wait_for(const Verification& verification,
                               const std::function<bool(const VerifyReport&)>& is_wanted) {
    for (int i = 0; i < 2000; ++i) {
      const auto report = verification.report(0, VerifyReport::kFindingsMax);
      if (report && is_wanted(*report)) return *report;
      std::this_thread::sleep_for(milliseconds(10));
    }
    ADD_FAILURE() << "the verification does not get there";
    return {};
  }
  static VerifyReport ended(const Verification& verification, int64_t number) {
    return wait_for(verification, [&](const VerifyReport& report) {
      return report.number == number && report.ended_at.has_value();
    });
  }

  size_t audit_lines(const std::string& action) {
    index::AuditQuery query;
    query.action = action;
    return index::AuditLog(*database_).list(tests::Scopes::everything(), query).value().size();
  }

  std::optional<VerifyWalk> walk(const std::string& name) {
    const auto kept = index::ImageChecks(*database_).progress(name).value();
    return kept ? VerifyWalk::from_json(*kept) : std::nullopt;
  }

  SystemClock wall_clock_;
};

TEST_F(VerificationTest, TellsReportAuditLogAndMetricsWhatItFound) {
  flip_a_bit(path_of(store(ct("1.2", "1.2.3", "1.2.3.4"))));
  fs::remove(path_of(store(ct("1.2", "1.2.3", "1.2.3.5"))));
  store(ct("1.2", "1.2.3", "1.2.3.6"));
  const auto verification = start_up({});
  EXPECT_FALSE(verification->report(0, 10));
  VerifyOrder order;
  order.actor = {.id = "token:1", .name = "Operator", .request_id = "r1"};
  const VerifyReport report = ended(*verification, verification->start(order).value());
  EXPECT_EQ(report.state, VerifyState::finished);
  EXPECT_EQ(report.images, 3U);
  EXPECT_EQ(report.findings_total(), 2U);
  EXPECT_EQ(report.needing_attention, 2U);
  EXPECT_EQ(verification->report(1, 10)->findings.size(), 1U);
  EXPECT_EQ(audit_lines("verify.finding"), 2U);
  EXPECT_EQ(audit_lines("verify.end"), 1U);
  const std::string metrics = metrics_.text();
  EXPECT_NE(metrics.find(R"(pacs_lite_verify_findings_total{kind="wrong_bytes"} 1)"),
            std::string::npos);
  EXPECT_NE(metrics.find(R"(pacs_lite_verify_findings_total{kind="missing_blob"} 1)"),
            std::string::npos);
}

TEST_F(VerificationTest, RunsOnItsScheduleAndNeverRepairs) {
  flip_a_bit(path_of(store(ct("1.2", "1.2.3", "1.2.3.4"))));
  const auto before = tree();
  VerificationOptions options;
  options.hashes_interval = seconds(1);
  const auto verification = start_up(options);
  const VerifyReport report = ended(*verification, 1);
  EXPECT_EQ(report.trigger, VerifyTrigger::schedule);
  EXPECT_EQ(report.depth, VerifyDepth::hashes);
  EXPECT_EQ(report.mode, VerifyMode::check);
  EXPECT_EQ(report.needing_attention, 1U);
  EXPECT_EQ(tree(), before);
  EXPECT_EQ(ended(*verification, 2).needing_attention, 1U) << "it is still there";
  EXPECT_NE(metrics_.text().find(R"(pacs_lite_verify_errors{pass="hashes"} 1)"), std::string::npos);
}

TEST_F(VerificationTest, AScheduleThatWasInterruptedGoesOnAfterARestart) {
  store(ct("1.2", "1.2.3", "1.2.3.1"));
  const auto second = store(ct("1.2", "1.2.3", "1.2.3.2"));
  // As a killed server leaves it: the first image done, one error found, the last whole pass long
  // ago.
  const VerifyWalk before{
      wall_clock_.now() - 5'000, 1'000, 1, {VerifyPosition::Phase::rows, second.id - 1, {}, {}}};
  ASSERT_TRUE(index::ImageChecks(*database_).set_progress("verify.hashes", before.to_json()));
  VerificationOptions options;
  options.hashes_interval = seconds(1);
  const auto verification = start_up(options);
  EXPECT_NE(metrics_.text().find(R"(pacs_lite_verify_errors{pass="hashes"} 1)"), std::string::npos)
      << "what is known of the last pass is told before the next one ends";
  EXPECT_EQ(ended(*verification, 1).images, 1U) << "the first image was done before the restart";
  const auto after = walk("verify.hashes");
  ASSERT_TRUE(after);
  EXPECT_FALSE(after->is_under_way());
  EXPECT_EQ(after->started_at, before.started_at);
  EXPECT_GT(after->finished_at, before.finished_at);
  EXPECT_EQ(after->needing_attention, 1U) << "found before the restart";
}

TEST_F(VerificationTest, AnOrderComesBeforeTheSchedule) {
  for (int i = 1; i <= 40; ++i) store(ct("1.2", "1.2.3", "1.2.3." + std::to_string(i)));
  VerificationOptions options;
  options.hashes_interval = seconds(1);
  options.bytes_per_second_max = 40'000;  // 40 files cost 160 kB twice: eight seconds
  const auto verification = start_up(options);
  wait_for(*verification, [](const VerifyReport& report) {
    return report.trigger == VerifyTrigger::schedule && report.images > 0;
  });
  const int64_t number = verification->start({}).value();
  EXPECT_EQ(verification->start({}).error().reason, "verify_running");
  const VerifyReport report = ended(*verification, number);
  EXPECT_EQ(report.trigger, VerifyTrigger::order);
  EXPECT_EQ(report.images, 40U);
  EXPECT_TRUE(walk("verify.hashes")->is_under_way()) << "the schedule's pass goes on later";
}

TEST_F(VerificationTest, EndsAtOnceWhenTheServerStops) {
  for (int i = 1; i <= 10; ++i) store(ct("1.2", "1.2.3", "1.2.3." + std::to_string(i)));
  VerificationOptions options;
  options.hashes_interval = seconds(1);
  options.bytes_per_second_max = 1'000;
  auto verification = start_up(options);
  wait_for(*verification, [](const VerifyReport&) { return true; });
  const auto start = std::chrono::steady_clock::now();
  verification.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(2));
  ASSERT_TRUE(walk("verify.hashes"));
  EXPECT_TRUE(walk("verify.hashes")->is_under_way());
}

}  // namespace
}  // namespace pacs::archive
