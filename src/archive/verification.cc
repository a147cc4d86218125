#include "archive/verification.h"

#include <algorithm>
#include <utility>

#include <sys/resource.h>

#include "archive/verify_walk.h"
#include "core/log.h"

namespace pacs::archive {
namespace {

using std::chrono::milliseconds;

// A start has more urgent things to do; a short interval is a test's or a demonstration's.
constexpr std::chrono::seconds kFirstLookAfter{60};
constexpr std::chrono::minutes kRetryAfter{10};  // when a pass could not be done
constexpr std::chrono::seconds kTick{1};         // how often the schedule is looked at
// How much of a pass may be done again after a kill: a commit each time is cheap at that.
constexpr std::chrono::seconds kProgressKeptEvery{2};
constexpr int kNiceness = 19;  // everything else goes first
constexpr const char* kSystemActor = "system";

std::string walk_name(VerifyDepth depth) { return "verify." + std::string(to_string(depth)); }

}  // namespace

std::string_view to_string(VerifyState state) {
  switch (state) {
    case VerifyState::running:
      return "running";
    case VerifyState::finished:
      return "finished";
    case VerifyState::stopped:
      return "stopped";
    case VerifyState::failed:
      return "failed";
  }
  return "failed";
}

std::string_view to_string(VerifyTrigger trigger) {
  return trigger == VerifyTrigger::order ? "order" : "schedule";
}

struct Verification::Walk {
  VerifyDepth depth;
  std::chrono::milliseconds interval;
  UnixMillis look_at = 0;  // not before
  std::optional<VerifyWalk> kept{};

  // The clock may have been set back: a pass that ended in the future counts as never.
  [[nodiscard]] bool is_due_at(UnixMillis now) const {
    if (!kept || kept->is_under_way() || kept->started_at > now) return true;
    return now - kept->started_at >= interval.count();
  }
};

// Keeps the report, the audit log and the metrics up to date.
class Verification::Watcher final : public VerifyObserver {
 public:
  Watcher(Verification& verification, const VerifyOrder& order, const Pace& pace,
          const std::function<void(const VerifyPosition&)>& reached)
      : verification_(verification), order_(order), pace_(pace), reached_(reached) {}

  void found(const VerifyFinding& finding) override {
    verification_.metrics_.found(finding.fault.kind);
    if (!keep(finding)) return;
    const bool is_error = severity_of(finding.fault.kind) == FindingSeverity::error;
    log(is_error ? LogLevel::error : LogLevel::info, "verify_finding",
        {{"kind", to_string(finding.fault.kind)},
         {"image_id", finding.image_id},
         {"repair", to_string(finding.repair.state)}});
    write_audit_line(finding);
  }
  void looked_at_images(uint64_t count) override {
    verification_.metrics_.looked_at_images(count);
    const std::lock_guard lock(verification_.mutex_);
    verification_.report_->images += count;
    verification_.report_->read_bytes = pace_.spent_bytes();
  }
  void looked_at_files(uint64_t count) override {
    const std::lock_guard lock(verification_.mutex_);
    verification_.report_->files += count;
    verification_.report_->read_bytes = pace_.spent_bytes();
  }
  void reached(const VerifyPosition& position) override {
    if (reached_) reached_(position);
  }

 private:
  // False: beyond the limit it is counted alone, or a lost disk would fill the logs.
  bool keep(const VerifyFinding& finding) {
    const std::lock_guard lock(verification_.mutex_);
    VerifyReport& report = *verification_.report_;
    ++report.counts[static_cast<size_t>(finding.fault.kind)];
    if (finding.needs_attention()) ++report.needing_attention;
    if (report.findings.size() >= VerifyReport::kFindingsMax) return false;
    report.findings.push_back(finding);
    return true;
  }

  void write_audit_line(const VerifyFinding& finding) {
    index::AuditLine line = audit_line(order_.actor, verification_.parts_.clock, "verify.finding");
    line.outcome = index::AuditOutcome::failed;
    line.study_uid = finding.study_uid;
    line.image_uid = finding.image_uid;
    line.detail = std::string(to_string(finding.fault.kind)) + " " + finding.path + ": " +
                  finding.fault.detail;
    if (finding.repair.state != RepairState::not_asked) {
      line.detail +=
          "; " + std::string(to_string(finding.repair.state)) + ": " + finding.repair.detail;
    }
    if (auto written = verification_.audit_log_.append(line); !written) {
      log_error("verify_finding_not_audited", {{"error", to_string(written.error())}});
    }
  }

  Verification& verification_;
  const VerifyOrder& order_;
  const Pace& pace_;
  const std::function<void(const VerifyPosition&)>& reached_;
};

Verification::Verification(const VerificationParts& parts, index::Scope archive_scope,
                           VerificationOptions options)
    : parts_(parts),
      archive_scope_(std::move(archive_scope)),
      options_(std::move(options)),
      audit_log_(parts.database),
      checks_(parts.database),
      metrics_(parts.metrics) {
  for (const auto& [depth, interval] :
       {std::pair(VerifyDepth::hashes, options_.hashes_interval),
        std::pair(VerifyDepth::presence, options_.presence_interval)}) {
    if (interval.count() == 0) continue;
    const milliseconds wait = std::min(interval, kFirstLookAfter);
    Walk walk{depth, interval, parts_.clock.now() + wait.count(), {}};
    if (auto kept = checks_.progress(walk_name(depth)); kept && *kept) {
      walk.kept = VerifyWalk::from_json(**kept);
    }
    if (walk.kept && walk.kept->finished_at != 0) {
      metrics_.ended(depth, walk.kept->finished_at, walk.kept->needing_attention);
    }
    walks_.push_back(std::move(walk));
  }
  thread_ = std::thread([this] { run(); });
}

Verification::~Verification() {
  {
    const std::lock_guard lock(mutex_);
    must_end_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<int64_t> Verification::start(const VerifyOrder& order) {
  const std::lock_guard lock(mutex_);
  if (order_ || is_order_running_) {
    return conflict("verify_running", "a verification that was asked for is not done yet");
  }
  order_ = order;
  // A pass of the schedule that runs keeps its report until it has stepped aside.
  changed_.notify_all();
  return (report_ ? report_->number : 0) + 1;
}

std::optional<VerifyReport> Verification::report(size_t skip, size_t limit) const {
  const std::lock_guard lock(mutex_);
  if (!report_) return std::nullopt;
  const std::vector<VerifyFinding>& all = report_->findings;
  const size_t from = std::min(skip, all.size());
  const size_t to = from + std::min(limit, all.size() - from);
  // All but the findings that were not asked for.
  VerifyReport answer{report_->number,   report_->depth,
                      report_->mode,     report_->trigger,
                      report_->state,    report_->started_at,
                      report_->ended_at, report_->images,
                      report_->files,    report_->read_bytes,
                      report_->counts,   report_->needing_attention,
                      report_->error,    {}};
  answer.findings.assign(all.begin() + static_cast<ptrdiff_t>(from),
                         all.begin() + static_cast<ptrdiff_t>(to));
  return answer;
}

void Verification::run() {
  // Of this thread alone; where it is refused the pace is still kept.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, kNiceness));
  measure_oldest();
  std::unique_lock lock(mutex_);
  while (!must_end_) {
    if (order_) {
      run_order(lock);
    } else {
      run_due(lock);
    }
    changed_.wait_for(lock, kTick, [this] { return must_end_ || order_; });
  }
}

void Verification::run_order(std::unique_lock<std::mutex>& lock) {
  const VerifyOrder order = std::move(*order_);
  order_.reset();
  is_order_running_ = true;
  begin_report(order, VerifyTrigger::order);
  lock.unlock();
  const Result<void> outcome = run_pass(order, VerifyTrigger::order, {}, {});
  end_report(order, outcome);
  lock.lock();
  is_order_running_ = false;
}

void Verification::run_due(std::unique_lock<std::mutex>& lock) {
  const UnixMillis now = parts_.clock.now();
  const auto walk = std::find_if(walks_.begin(), walks_.end(), [&](const Walk& candidate) {
    return now >= candidate.look_at && candidate.is_due_at(now);
  });
  if (walk == walks_.end()) return;
  const VerifyOrder order{walk->depth, VerifyMode::check, Actor{kSystemActor, {}, {}}};
  begin_report(order, VerifyTrigger::schedule);
  lock.unlock();

  VerifyWalk kept = walk->kept.value_or(VerifyWalk{});
  const UnixMillis finished_before = kept.finished_at;
  uint64_t carried = kept.needing_attention;
  if (!kept.is_under_way()) {
    kept = VerifyWalk{now, finished_before, 0, {}};
    carried = 0;
  }
  auto kept_at = parts_.clock.monotonic();
  const auto keep_progress = [&] {
    kept_at = parts_.clock.monotonic();
    if (auto written = checks_.set_progress(walk_name(walk->depth), kept.to_json()); !written) {
      log_warning("verify_progress_not_kept", {{"reason", written.error().reason}});
    }
  };
  const Result<void> outcome =
      run_pass(order, VerifyTrigger::schedule, kept.position, [&](const VerifyPosition& position) {
        kept.position = position;
        {
          const std::lock_guard guard(mutex_);
          kept.needing_attention = carried + report_->needing_attention;
        }
        if (parts_.clock.monotonic() - kept_at >= kProgressKeptEvery) keep_progress();
      });
  if (outcome) {
    kept.finished_at = parts_.clock.now();
    metrics_.ended(walk->depth, kept.finished_at, kept.needing_attention);
  } else if (!is_stop(outcome.error())) {
    walk->look_at = parts_.clock.now() + milliseconds(kRetryAfter).count();
  }
  keep_progress();
  walk->kept = kept;
  end_report(order, outcome);
  lock.lock();
}

void Verification::measure_oldest() {
  if (const auto oldest = checks_.oldest_verified_at(archive_scope_)) {
    metrics_.oldest_verified(*oldest);
  }
}

// With mutex_ held.
void Verification::begin_report(const VerifyOrder& order, VerifyTrigger trigger) {
  VerifyReport report;
  report.number = (report_ ? report_->number : 0) + 1;
  report.depth = order.depth;
  report.mode = order.mode;
  report.trigger = trigger;
  report.state = VerifyState::running;
  report.started_at = parts_.clock.now();
  report_ = std::move(report);
}

Result<void> Verification::run_pass(const VerifyOrder& order, VerifyTrigger trigger,
                                    VerifyPosition position,
                                    const std::function<void(const VerifyPosition&)>& reached) {
  const bool is_scheduled = trigger == VerifyTrigger::schedule;
  Pace pace(is_scheduled ? options_.bytes_per_second_max : Pace::kNoLimit, parts_.clock,
            parts_.readings, [this, is_scheduled] {
              const std::lock_guard lock(mutex_);
              return must_end_ || (is_scheduled && order_);
            });
  Watcher watcher(*this, order, pace, reached);
  const VerifyGround ground{parts_.stores,  parts_.database, parts_.claims,
                            archive_scope_, parts_.clock,    options_.patient_mismatch};
  const Result<void> outcome = VerifyPass(ground, order, pace, watcher).run(std::move(position));
  metrics_.read_bytes(pace.spent_bytes());
  return outcome;
}

// The audit line first: who sees the end of a pass finds it there.
void Verification::end_report(const VerifyOrder& order, const Result<void>& outcome) {
  const VerifyState state = outcome                    ? VerifyState::finished
                            : is_stop(outcome.error()) ? VerifyState::stopped
                                                       : VerifyState::failed;
  index::AuditLine line = audit_line(order.actor, parts_.clock, "verify.end");
  if (state == VerifyState::failed) line.outcome = index::AuditOutcome::failed;
  {
    const std::lock_guard lock(mutex_);
    line.detail = std::string(to_string(state)) + " " + std::string(to_string(report_->depth)) +
                  ": " + std::to_string(report_->images) + " images, " +
                  std::to_string(report_->findings_total()) + " findings, " +
                  std::to_string(report_->needing_attention) + " need attention";
  }
  log_info("verify_ended", {{"result", line.detail}});
  measure_oldest();
  if (auto written = audit_log_.append(line); !written) {
    log_error("verify_end_not_audited", {{"error", to_string(written.error())}});
  }
  const std::lock_guard lock(mutex_);
  report_->state = state;
  report_->ended_at = parts_.clock.now();
  if (!outcome) report_->error = outcome.error().detail;
}

}  // namespace pacs::archive
