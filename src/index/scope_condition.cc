#include "index/scope_condition.h"

namespace pacs::index {
namespace {

constexpr std::string_view kNothing = " AND 0";

// A scope may have been made before its study was merged into another.
void add_study(SqlQuery& query, const Scope& scope, std::string_view column) {
  query.add(" AND ").add(column).add(
      " = coalesce((SELECT study_id FROM study_former_ids WHERE former_id = ?), ?)",
      scope.study_id(), scope.study_id());
}

// What was imported has no owner, and so belongs to nobody.
bool has_owner(const Scope& scope) {
  return scope.kind() == Scope::Kind::uploads_of_owner && !scope.owner().empty();
}

}  // namespace

void add_study_scope(SqlQuery& query, const Scope& scope) {
  if (scope.covers_everything()) return;
  if (scope.kind() == Scope::Kind::one_study) return add_study(query, scope, "s.id");
  query.add(kNothing);
}

void add_series_scope(SqlQuery& query, const Scope& scope) {
  if (scope.covers_everything()) return;
  if (scope.kind() == Scope::Kind::one_study) return add_study(query, scope, "e.study_id");
  query.add(kNothing);
}

void add_image_scope(SqlQuery& query, const Scope& scope) {
  if (scope.covers_everything()) return;
  if (scope.kind() == Scope::Kind::one_study) return add_study(query, scope, "i.study_id");
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
  if (scope.kind() == Scope::Kind::one_study) return add_study(query, scope, "u.study_id");
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
  if (scope.kind() == Scope::Kind::one_study) return add_study(query, scope, "r.study_id");
  if (has_owner(scope)) {
    query.add(" AND r.owner = ?", scope.owner());
  } else {
    query.add(kNothing);
  }
}

}  // namespace pacs::index
