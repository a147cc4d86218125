#include "index/scope_condition.h"

namespace pacs::index {
namespace {

constexpr std::string_view kNothing = " AND 0";

// A scope may have been made before a study of it was merged into another.
constexpr std::string_view kStudyById =
    "coalesce((SELECT study_id FROM study_former_ids WHERE former_id = ?), ?)";

void add_studies(SqlQuery& query, const Scope& scope, std::string_view column) {
  const std::vector<int64_t>& ids = scope.study_ids();
  if (ids.empty()) {
    query.add(kNothing);
    return;
  }
  query.add(" AND ").add(column).add(ids.size() == 1 ? " = " : " IN (");
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i > 0) query.add(", ");
    query.add(kStudyById, ids[i], ids[i]);
  }
  if (ids.size() > 1) query.add(")");
}

// What was imported has no owner, and so belongs to nobody.
bool has_owner(const Scope& scope) {
  return scope.kind() == Scope::Kind::uploads_of_owner && !scope.owner().empty();
}

}  // namespace

void add_study_scope(SqlQuery& query, const Scope& scope) {
  if (scope.covers_everything()) return;
  if (scope.kind() == Scope::Kind::studies) return add_studies(query, scope, "s.id");
  query.add(kNothing);
}

void add_series_scope(SqlQuery& query, const Scope& scope) {
  if (scope.covers_everything()) return;
  if (scope.kind() == Scope::Kind::studies) return add_studies(query, scope, "e.study_id");
  query.add(kNothing);
}

void add_image_scope(SqlQuery& query, const Scope& scope) {
  if (scope.covers_everything()) return;
  if (scope.kind() == Scope::Kind::studies) return add_studies(query, scope, "i.study_id");
  if (!has_owner(scope)) {
    query.add(kNothing);
    return;
  }
  query.add(
      " AND (i.owner = ? OR EXISTS (SELECT 1 FROM uploads o WHERE o.image_id = i.id"
      " AND o.owner = ?))",
      scope.owner(), scope.owner());
}

void add_upload_scope(SqlQuery& query, const Scope& scope) {
  if (scope.covers_everything()) return;
  if (scope.kind() == Scope::Kind::studies) return add_studies(query, scope, "u.study_id");
  if (has_owner(scope)) {
    query.add(" AND u.owner = ?", scope.owner());
  } else {
    query.add(kNothing);
  }
}

// A session may have images of several studies, so it is not part of any.
void add_session_scope(SqlQuery& query, const Scope& scope) {
  if (scope.covers_everything()) return;
  if (has_owner(scope)) {
    query.add(" AND x.owner = ?", scope.owner());
  } else {
    query.add(kNothing);
  }
}

void add_removed_image_scope(SqlQuery& query, const Scope& scope) {
  if (scope.covers_everything()) return;
  if (scope.kind() == Scope::Kind::studies) return add_studies(query, scope, "r.study_id");
  if (has_owner(scope)) {
    query.add(" AND r.owner = ?", scope.owner());
  } else {
    query.add(kNothing);
  }
}

}  // namespace pacs::index
