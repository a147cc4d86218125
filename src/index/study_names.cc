#include "index/study_names.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "dicom/wildcard.h"
#include "index/sql_query.h"
#include "index/sqlite_connection.h"
#include "index/study_rows.h"

namespace pacs::index {
namespace {

// Behind every text that begins alike: UTF-8 has no such byte.
constexpr std::string_view kBehindAll = "\xff";

SqlQuery keys_like(const dicom::NameKey& pattern) {
  SqlQuery sql("SELECT text, study_id FROM study_names WHERE ");
  sql.add("kind = ?", static_cast<int64_t>(pattern.kind));
  if (!dicom::has_wildcard(pattern.text)) return std::move(sql.add(" AND text = ?", pattern.text));
  const std::string beginning = pattern.text.substr(0, pattern.text.find_first_of("*?"));
  if (beginning.empty()) return sql;
  sql.add(" AND text >= ? AND text < ?", beginning, beginning + std::string(kBehindAll));
  return sql;
}

// Adds the studies of one pattern; false when there are more than `found_max`.
Result<bool> add_studies_like(Connection& connection, const dicom::NameKey& pattern,
                              size_t found_max, std::vector<int64_t>& found) {
  Statement rows = PACS_TRY(keys_like(pattern).prepare(connection));
  std::string last_text;
  bool last_matches = false;
  while (PACS_TRY(rows.step())) {
    const std::string_view text = rows.text_view();
    if (text != last_text) {  // many studies have one patient
      last_text = text;
      last_matches = dicom::matches_wildcard(pattern.text, text);
    }
    if (!last_matches) continue;
    found.push_back(rows.int64());
    if (found.size() > found_max) return false;
  }
  return true;
}

}  // namespace

Result<void> make_study_names(Connection& connection) {
  PACS_TRY(connection.run_script(R"sql(
CREATE TABLE study_names(
  kind INTEGER NOT NULL,
  text TEXT NOT NULL,
  study_id INTEGER NOT NULL,
  PRIMARY KEY(kind, text, study_id)
) WITHOUT ROWID;
CREATE INDEX study_names_by_study ON study_names(study_id);
)sql"));
  Statement studies = PACS_TRY(connection.prepare("SELECT id, patient_name FROM studies"));
  while (PACS_TRY(studies.step())) {
    const int64_t id = studies.int64();
    PACS_TRY(write_study_names(connection, id, studies.text_view()));
  }
  return {};
}

Result<void> write_study_names(Connection& connection, int64_t study_id,
                               std::string_view patient_name) {
  for (const dicom::NameKey& key : dicom::name_keys(patient_name)) {
    PACS_TRY(connection.run("INSERT INTO study_names(kind, text, study_id) VALUES (?, ?, ?)",
                            static_cast<int64_t>(key.kind), key.text, study_id));
  }
  return {};
}

Result<void> erase_study_names(Connection& connection, int64_t study_id) {
  return connection.run("DELETE FROM study_names WHERE study_id = ?", study_id);
}

// To look up and sort k of n studies takes k steps, to walk until a hundred of them have come by
// 100 n / k: the same at ten times the root of n.
Result<std::optional<std::vector<int64_t>>> find_study_names(
    Connection& connection, const std::vector<dicom::NameKey>& patterns) {
  const int64_t studies = PACS_TRY(total(connection, "studies"));
  const auto found_max =
      static_cast<size_t>(10 * std::sqrt(static_cast<double>(std::max<int64_t>(studies, 1))));
  std::vector<int64_t> found;
  for (const dicom::NameKey& pattern : patterns) {
    if (!PACS_TRY(add_studies_like(connection, pattern, found_max, found))) {
      return std::optional<std::vector<int64_t>>();
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return std::optional(std::move(found));
}

}  // namespace pacs::index
