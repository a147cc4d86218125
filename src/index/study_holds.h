// What stops a study's images from being removed and purged: a legal hold, a date until which they
// must be kept. By the study's number, so that they outlive its stay in the trash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "index/audit_line.h"
#include "index/scope.h"

namespace pacs::index {

class Connection;
class Database;

struct StudyHold {
  bool is_held = false;
  std::string reason{};        // of the hold; for people
  std::string retain_until{};  // YYYY-MM-DD, that day included, in UTC; empty: none
  std::string set_by{};
  UnixMillis set_at = 0;  // 0: never

  // Both are in force on their own.
  [[nodiscard]] bool stops_removal(UnixMillis now) const;
};

// "2026-11-22", the day in UTC.
[[nodiscard]] std::string day_of(UnixMillis time);

// Any thread.
class StudyHolds {
 public:
  explicit StudyHolds(Database& database) : database_(database) {}

  // One that stops nothing when none was set, or the scope does not cover everything.
  [[nodiscard]] Result<StudyHold> find(const Scope& scope, int64_t study_id) const;
  // Replaces it. From the commit on no removal and no purge takes an image of the study.
  [[nodiscard]] Result<void> set(int64_t study_id, const StudyHold& hold, const AuditLine& line);

 private:
  Database& database_;
};

// Inside a transaction: `into` is held if either is, until the later of both dates; `from` has
// none.
[[nodiscard]] Result<void> merge_holds(Connection& connection, int64_t from_study_id,
                                       int64_t into_study_id);

// Inside a transaction: conflict/study_held or conflict/retention_date, which name the first study
// that is stopped. `of_studies` is a SELECT of study numbers with one parameter, `ids`.
[[nodiscard]] Result<void> check_holds(Connection& connection, std::string_view of_studies,
                                       const std::string& ids, UnixMillis now);

}  // namespace pacs::index
