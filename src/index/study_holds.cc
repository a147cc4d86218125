#include "index/study_holds.h"

#include "index/database.h"
#include "index/rows.h"
#include "index/sqlite_connection.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

constexpr size_t kDayLength = std::string_view("2026-11-22").size();

Error stopped(std::string_view study_uid, const StudyHold& hold) {
  const std::string study = "study " + std::string(study_uid);
  if (hold.is_held) {
    return conflict("study_held",
                    study + " is under a legal hold" +
                        (hold.reason.empty() ? std::string() : " (" + hold.reason + ")") +
                        "; nothing of it can be removed until an administrator lifts the hold");
  }
  return conflict("retention_date", study + " must be kept until " + hold.retain_until +
                                        "; nothing of it can be removed before that day is over");
}

StudyHold read_hold(Statement& row) {
  StudyHold hold;
  hold.is_held = row.int64() != 0;
  hold.reason = row.text();
  hold.retain_until = row.text();
  return hold;
}

}  // namespace

std::string day_of(UnixMillis time) { return to_rfc3339(time).substr(0, kDayLength); }

bool StudyHold::stops_removal(UnixMillis now) const {
  return is_held || (!retain_until.empty() && day_of(now) <= retain_until);
}

Result<StudyHold> StudyHolds::find(const Scope& scope, int64_t study_id) const {
  if (!scope.covers_everything()) return StudyHold();
  return database_.read([&](Connection& connection) -> Result<StudyHold> {
    Statement row = PACS_TRY(
        connection.prepare("SELECT is_held, reason, retain_until, set_by, set_at FROM study_holds"
                           " WHERE study_id = ?"));
    row.bind(study_id);
    if (!PACS_TRY(row.step())) return StudyHold();
    StudyHold hold = read_hold(row);
    hold.set_by = row.text();
    hold.set_at = row.int64();
    return hold;
  });
}

Result<void> StudyHolds::set(int64_t study_id, const StudyHold& hold, const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    PACS_TRY(transaction.connection().run(
        "INSERT OR REPLACE INTO study_holds(study_id, is_held, reason, retain_until, set_by,"
        " set_at) VALUES (?, ?, ?, ?, ?, ?)",
        study_id, int64_t{hold.is_held}, hold.reason, hold.retain_until, hold.set_by, hold.set_at));
    return transaction.audit(line);
  });
}

Result<void> merge_holds(Connection& connection, int64_t from_study_id, int64_t into_study_id) {
  PACS_TRY(connection.run(
      "INSERT INTO study_holds(study_id, is_held, reason, retain_until, set_by, set_at)"
      " SELECT ?2, is_held, reason, retain_until, set_by, set_at FROM study_holds"
      " WHERE study_id = ?1"
      " ON CONFLICT(study_id) DO UPDATE SET"
      " reason = CASE WHEN NOT excluded.is_held OR reason = excluded.reason THEN reason"
      "  WHEN NOT is_held OR reason = '' THEN excluded.reason"
      "  WHEN excluded.reason = '' THEN reason ELSE reason || '; ' || excluded.reason END,"
      " is_held = max(is_held, excluded.is_held),"
      " retain_until = max(retain_until, excluded.retain_until),"
      " set_by = iif(excluded.set_at > set_at, excluded.set_by, set_by),"
      " set_at = max(set_at, excluded.set_at)",
      from_study_id, into_study_id));
  return connection.run("DELETE FROM study_holds WHERE study_id = ?", from_study_id);
}

Result<void> check_holds(Connection& connection, std::string_view of_studies,
                         const std::string& ids, UnixMillis now) {
  Statement rows = PACS_TRY(connection.prepare(
      "SELECT is_held, reason, retain_until,"
      " coalesce((SELECT coalesce(spelt_uid, study_uid) FROM studies WHERE id = study_id),"
      " (SELECT coalesce(spelt_uid, study_uid) FROM trashed_studies WHERE id = study_id), '')"
      " FROM study_holds WHERE study_id IN (" +
      std::string(of_studies) + ")"));
  rows.bind(ids);
  while (PACS_TRY(rows.step())) {
    const StudyHold hold = read_hold(rows);
    if (hold.stops_removal(now)) return stopped(rows.text(), hold);
  }
  return {};
}

}  // namespace pacs::index
