#include "index/studies.h"

#include "index/database.h"
#include "index/rows.h"
#include "index/scope_condition.h"
#include "index/sql_query.h"
#include "index/study_filter.h"
#include "index/study_listing.h"

namespace pacs::index {
namespace {

Result<std::optional<StudyRecord>> first_study(const Database& database, const SqlQuery& query) {
  return database.read([&](Connection& connection) -> Result<std::optional<StudyRecord>> {
    Statement row = PACS_TRY(query.prepare(connection));
    if (!PACS_TRY(row.step())) return std::optional<StudyRecord>();
    return std::optional<StudyRecord>(PACS_TRY(read_study(row)));
  });
}

}  // namespace

Result<StudyPage> Studies::list(const Scope& scope, const StudyQuery& query) const {
  const StudyFilter filter = PACS_TRY(StudyFilter::create(scope, query));
  return database_.read(
      [&](Connection& connection) { return list_studies(connection, query, filter); });
}

Result<std::optional<StudyRecord>> Studies::find(const Scope& scope, int64_t id) const {
  SqlQuery query("SELECT ");
  query.add(kStudyColumns)
      .add(
          " FROM studies s WHERE s.id ="
          " coalesce((SELECT study_id FROM study_former_ids WHERE former_id = ?), ?)",
          id, id);
  add_study_scope(query, scope);
  return first_study(database_, query);
}

Result<std::optional<StudyRecord>> Studies::find(const Scope& scope,
                                                 const dicom::StudyUid& uid) const {
  const std::string dicom_uid = uid.to_dicom();
  SqlQuery query("SELECT ");
  query.add(kStudyColumns)
      .add(
          " FROM studies s WHERE s.id = coalesce((SELECT id FROM studies WHERE study_uid = ?),"
          " (SELECT study_id FROM study_aliases WHERE alias_uid = ?))",
          dicom_uid, dicom_uid);
  add_study_scope(query, scope);
  return first_study(database_, query);
}

}  // namespace pacs::index
