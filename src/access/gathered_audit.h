// Audit lines of reads and refusals, of which there may be thousands a second: one line for each
// actor, study, action, outcome and minute. The first is written within a second; the others of its
// minute are those that the line stands for. BackgroundWork calls flush() twice a second.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
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

  static constexpr size_t kStrangersPerMinute = 100;

  // Both outlive the object.
  GatheredAudit(index::Database& database, const Clock& clock);
  // Flushes; what cannot be written then is logged as lost.
  ~GatheredAudit();
  GatheredAudit(const GatheredAudit&) = delete;
  GatheredAudit& operator=(const GatheredAudit&) = delete;

  // Takes a line unless its minute has one; the time is that of the clock, the image is left out,
  // since the line stands for all of the study. Success: the next flush() writes it, or the one
  // after, until the index takes it. `unavailable` (reason "audit_full") when kWaitingMax lines
  // wait that the index did not take: what would then be read would be read in silence, so the
  // reader must be turned away.
  [[nodiscard]] Result<void> note(const index::AuditLine& line);

  // Notes that a caller whom nobody knows was turned away, with the actor "client:ADDRESS". Beyond
  // kStrangersPerMinute addresses, one line more with the actor "client:others" stands for the
  // rest, so that a flood fills neither the log nor the room for the lines of readers.
  void note_stranger(std::string_view client_block);

  // Writes what waits, in one transaction. Failure: it waits on.
  [[nodiscard]] Result<void> flush();

  [[nodiscard]] size_t waiting() const;

 private:
  // Of what take() did with a line.
  enum class Taken { yes, minute_has_one, no_room };
  Taken take(const index::AuditLine& line);

  index::AuditLog log_;
  const Clock& clock_;

  std::mutex flushing_;  // one flush at a time; taken before mutex_
  mutable std::mutex mutex_;
  int64_t minute_ = 0;                          // guarded by mutex_, as all below
  std::unordered_set<std::string> remembered_;  // keys of the lines of minute_
  size_t strangers_ = 0;                        // addresses in minute_
  std::vector<index::AuditLine> waiting_;
};

}  // namespace pacs::access
