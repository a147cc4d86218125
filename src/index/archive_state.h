// What the archive knows of itself, by name: its id, counters, when the last check ran. Nothing of
// patients or users, hence no scope.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "index/audit_line.h"

namespace pacs::index {

class Database;

// The highest number that each kind of id has reached. Numbers are never given twice, also not
// after an index was rebuilt from the blobs: what was removed before left no blob behind to tell.
struct IdMarks {
  int64_t study = 0;
  int64_t series = 0;
  int64_t image = 0;
  int64_t upload = 0;
  int64_t session = 0;
  friend bool operator==(const IdMarks&, const IdMarks&) = default;
};

// Any thread.
class ArchiveState {
 public:
  static constexpr std::string_view kArchiveId = "archive_id";

  explicit ArchiveState(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::optional<std::string>> find(std::string_view name) const;
  [[nodiscard]] Result<void> set(std::string_view name, std::string_view value,
                                 const AuditLine& line);
  // The same without an audit line: book-keeping of the archive itself.
  [[nodiscard]] Result<void> note(std::string_view name, std::string_view value);

  struct Totals {
    int64_t studies = 0;
    int64_t series = 0;
    int64_t images = 0;
    int64_t size_bytes = 0;
  };
  // After a failed fsync the index still reads, but takes nothing until the next start.
  [[nodiscard]] bool must_restart() const;

  // Kept up to date, so asking costs nothing. For metrics and administrators.
  [[nodiscard]] Result<Totals> totals() const;

  [[nodiscard]] Result<IdMarks> id_marks() const;
  // The next ids are above these; marks that are lower already change nothing.
  [[nodiscard]] Result<void> raise_id_marks(const IdMarks& marks, const AuditLine& line);

 private:
  Database& database_;
};

}  // namespace pacs::index
