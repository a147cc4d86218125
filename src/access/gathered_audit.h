// Audit lines of reads and refusals, of which there may be thousands a second: one line for each
// actor, study, action, outcome and minute. The first is written within a second; the others of its
// minute are those that the line stands for.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "index/audit_log.h"
#include "index/database.h"

namespace pacs::access {

// Any thread.
class GatheredAudit {
 public:
  // Lines that wait for the index. Enough for the reads of a minute of a large hospital.
  static constexpr size_t kWaitingMax = 10'000;
  // Keys of the minute that are remembered; beyond it they are forgotten, and lines repeat.
  static constexpr size_t kRememberedMax = 65'536;

  // Both outlive the object.
  GatheredAudit(index::Database& database, const Clock& clock);
  // Flushes; what cannot be written then is logged as lost.
  ~GatheredAudit();
  GatheredAudit(const GatheredAudit&) = delete;
  GatheredAudit& operator=(const GatheredAudit&) = delete;

  // Takes a line unless its minute has one; the time is that of the clock, the image is left out,
  // since the line stands for all of the study. Success: it will be in the log within a second of
  // flush() being called as often, or is repeated until the index takes it. `unavailable`
  // (reason "audit_full") when kWaitingMax lines wait that the index did not take: what would then
  // be read would be read in silence, so the reader must be turned away.
  [[nodiscard]] Result<void> note(const index::AuditLine& line);

  // Writes what waits, in one transaction. Failure: it waits on.
  [[nodiscard]] Result<void> flush();

  [[nodiscard]] size_t waiting() const;

 private:
  Result<void> flush_locked(std::unique_lock<std::mutex>& lock);
  void forget_other_minutes(int64_t minute);

  index::AuditLog log_;
  const Clock& clock_;

  std::mutex flushing_;  // one flush at a time; taken before mutex_
  mutable std::mutex mutex_;
  int64_t minute_ = 0;                          // guarded by mutex_, as all below
  std::unordered_set<std::string> remembered_;  // keys of the lines of minute_
  std::vector<index::AuditLine> waiting_;
};

}  // namespace pacs::access
