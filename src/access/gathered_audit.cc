#include "access/gathered_audit.h"

#include "access/audit_lines.h"
#include "core/log.h"

namespace pacs::access {
namespace {

constexpr int64_t kMinuteMillis = 60'000;
constexpr std::string_view kStranger = "client:";

// No part can hold the separator: ids are printable, actions are ours, UIDs have their grammar.
std::string key_of(const index::AuditLine& line) {
  std::string key = line.actor;
  key += '\0';
  key += line.action;
  key += '\0';
  key += line.study_uid;
  key += '\0';
  key += std::to_string(static_cast<int>(line.outcome));
  return key;
}

}  // namespace

GatheredAudit::GatheredAudit(index::Database& database, const Clock& clock)
    : log_(database), clock_(clock) {}

GatheredAudit::~GatheredAudit() {
  const Result<void> written = flush();
  if (written) return;
  log_error("audit_lines_lost",
            {{"lines", static_cast<uint64_t>(waiting())}, {"error", to_string(written.error())}});
}

Result<void> GatheredAudit::note(const index::AuditLine& line) {
  if (take(line) != Taken::no_room) return {};
  if (flush() && take(line) != Taken::no_room) return {};
  return unavailable("audit_full", "the audit log cannot be written now; try again in a moment");
}

void GatheredAudit::note_stranger(std::string_view client_block) {
  index::AuditLine line;
  line.actor = std::string(kStranger).append(client_block);
  line.action = audit_action::kAuthenticate;
  line.outcome = index::AuditOutcome::refused;
  // Refused either way; a reader's line would have tried to make room.
  (void)take(line);
}

GatheredAudit::Taken GatheredAudit::take(const index::AuditLine& line) {
  const UnixMillis now = clock_.now();
  const int64_t minute = now / kMinuteMillis;
  const std::lock_guard lock(mutex_);
  // What is forgotten and not yet written is still in waiting_.
  if (minute != minute_ || remembered_.size() >= kRememberedMax) {
    remembered_.clear();
    if (minute != minute_) strangers_ = 0;
    minute_ = minute;
  }
  index::AuditLine taken = line;
  taken.time = now;
  taken.image_uid.clear();
  const bool is_stranger = line.actor.starts_with(kStranger);
  if (is_stranger && strangers_ >= kStrangersPerMinute && !remembered_.contains(key_of(taken))) {
    taken.actor = std::string(kStranger).append("others");
  }
  std::string key = key_of(taken);
  if (remembered_.contains(key)) return Taken::minute_has_one;
  if (waiting_.size() >= kWaitingMax) return Taken::no_room;
  waiting_.push_back(std::move(taken));
  remembered_.insert(std::move(key));
  if (is_stranger) ++strangers_;
  return Taken::yes;
}

Result<void> GatheredAudit::flush() {
  const std::lock_guard one_at_a_time(flushing_);
  std::vector<index::AuditLine> lines;
  {
    const std::lock_guard lock(mutex_);
    lines = waiting_;
  }
  if (lines.empty()) return {};
  // Without mutex_: whoever reads meanwhile must not wait for the disk.
  PACS_TRY(log_.append_reads(lines));
  const std::lock_guard lock(mutex_);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(lines.size()));
  return {};
}

size_t GatheredAudit::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace pacs::access
