#include "index/archive_state.h"

#include <utility>

#include "index/database.h"
#include "index/id_reservations.h"
#include "index/sqlite_connection.h"
#include "index/study_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

using Mark = std::pair<std::string_view, int64_t IdMarks::*>;
constexpr Mark kMarks[] = {{"studies", &IdMarks::study},
                           {"series", &IdMarks::series},
                           {"images", &IdMarks::image},
                           {"uploads", &IdMarks::upload},
                           {"upload_sessions", &IdMarks::session}};

Result<void> set_in(Connection& connection, std::string_view name, std::string_view value) {
  return connection.run(
      "INSERT INTO archive_state(name, value) VALUES (?, ?)"
      " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
      name, value);
}

Result<void> raise_in(WriteTransaction& transaction, const IdMarks& marks, const AuditLine& line) {
  Connection& connection = transaction.connection();
  for (const auto& [table, mark] : kMarks) {
    // SQLite makes the row with a table's first record, so it may have to be made here.
    PACS_TRY(connection.run("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?",
                            marks.*mark, table));
    if (connection.changes() > 0) continue;
    PACS_TRY(
        connection.run("INSERT INTO sqlite_sequence(name, seq) VALUES (?, ?)", table, marks.*mark));
  }
  return transaction.audit(line);
}

}  // namespace

Result<std::optional<std::string>> ArchiveState::find(std::string_view name) const {
  return database_.read([&](Connection& connection) -> Result<std::optional<std::string>> {
    Statement row = PACS_TRY(connection.prepare("SELECT value FROM archive_state WHERE name = ?"));
    row.bind(name);
    if (!PACS_TRY(row.step())) return std::optional<std::string>();
    return std::optional<std::string>(row.text());
  });
}

Result<void> ArchiveState::set(std::string_view name, std::string_view value,
                               const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    PACS_TRY(set_in(transaction.connection(), name, value));
    return transaction.audit(line);
  });
}

Result<void> ArchiveState::note(std::string_view name, std::string_view value) {
  return database_.write(
      [&](WriteTransaction& transaction) { return set_in(transaction.connection(), name, value); });
}

bool ArchiveState::must_restart() const { return database_.must_restart(); }

Result<ArchiveState::Totals> ArchiveState::totals() const {
  return database_.read([](Connection& connection) -> Result<Totals> {
    Totals totals;
    totals.studies = PACS_TRY(total(connection, "studies"));
    totals.series = PACS_TRY(total(connection, "series"));
    totals.images = PACS_TRY(total(connection, "images"));
    totals.size_bytes = PACS_TRY(total(connection, "bytes"));
    return totals;
  });
}

Result<IdMarks> ArchiveState::id_marks() const {
  return database_.read([](Connection& connection) -> Result<IdMarks> {
    IdMarks marks;
    for (const auto& [table, mark] : kMarks) {
      marks.*mark =
          PACS_TRY(connection.find_int64("SELECT seq FROM sqlite_sequence WHERE name = ?", table))
              .value_or(0);
    }
    return marks;
  });
}

Result<void> ArchiveState::raise_id_marks(const IdMarks& marks, const AuditLine& line) {
  PACS_TRY(database_.write(
      [&](WriteTransaction& transaction) { return raise_in(transaction, marks, line); }));
  database_.ids().begin_new_blocks();
  return {};
}

}  // namespace pacs::index
