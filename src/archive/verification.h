// Looks after what is stored: verifies it on a schedule, and when an operator asks. One pass at a
// time, on a thread of its own that gives way to everything else.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "archive/readings.h"
#include "archive/verify_metrics.h"
#include "archive/verify_pass.h"
#include "archive/verify_report.h"
#include "core/metrics.h"
#include "index/audit_log.h"
#include "index/image_checks.h"

namespace pacs::archive {

struct VerificationOptions {
  // How often each pass of the schedule begins; 0: never.
  std::chrono::seconds presence_interval{0};
  std::chrono::seconds hashes_interval{0};
  uint64_t bytes_per_second_max = Pace::kNoLimit;  // of the schedule
  index::PatientMismatch patient_mismatch = index::PatientMismatch::refuse;
};

// What it works on; all of it outlives the object.
struct VerificationParts {
  const Stores& stores;
  index::Database& database;
  Claims& claims;
  const Readings& readings;
  const Clock& clock;
  Metrics& metrics;
};

// Any thread.
class Verification {
 public:
  Verification(const VerificationParts& parts, index::Scope archive_scope,
               VerificationOptions options);
  // Stops the pass that runs; one of the schedule goes on from there after the next start.
  ~Verification();
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

  // Success: the pass runs, or begins as soon as one of the schedule has stepped aside; tells its
  // number. `conflict` (reason "verify_running") while another order is not done.
  [[nodiscard]] Result<int64_t> start(const VerifyOrder& order);

  // The newest pass, with at most `limit` of its findings behind the first `skip`; nothing before
  // the first one.
  [[nodiscard]] std::optional<VerifyReport> report(size_t skip, size_t limit) const;

 private:
  class Watcher;
  struct Walk;  // of the schedule

  void run();
  void run_order(std::unique_lock<std::mutex>& lock);
  void run_due(std::unique_lock<std::mutex>& lock);
  void begin_report(const VerifyOrder& order, VerifyTrigger trigger);
  Result<void> run_pass(const VerifyOrder& order, VerifyTrigger trigger, VerifyPosition position,
                        const std::function<void(const VerifyPosition&)>& reached);
  void end_report(const VerifyOrder& order, const Result<void>& outcome);
  void measure_oldest();

  const VerificationParts parts_;
  const index::Scope archive_scope_;
  const VerificationOptions options_;
  index::AuditLog audit_log_;
  index::ImageChecks checks_;
  VerifyMetrics metrics_;
  std::vector<Walk> walks_;  // of the thread

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool must_end_ = false;             // guarded by mutex_, as all below
  std::optional<VerifyOrder> order_;  // that waits
  bool is_order_running_ = false;
  std::optional<VerifyReport> report_;
  std::thread thread_;
};

}  // namespace pacs::archive
