// A scope as a condition of a query: the one place where it is decided what each kind covers.
// Each function adds " AND …" to a query whose WHERE has begun.
#pragma once

#include "index/scope.h"
#include "index/sql_query.h"

namespace pacs::index {

// On the studies of alias `s`.
void add_study_scope(SqlQuery& query, const Scope& scope);
// On the series of alias `e`.
void add_series_scope(SqlQuery& query, const Scope& scope);
// On the images of alias `i`.
void add_image_scope(SqlQuery& query, const Scope& scope);
// On the uploads of alias `u`.
void add_upload_scope(SqlQuery& query, const Scope& scope);
// On the upload sessions of alias `x`.
void add_session_scope(SqlQuery& query, const Scope& scope);
// On the removed images of alias `r`.
void add_removed_image_scope(SqlQuery& query, const Scope& scope);

}  // namespace pacs::index
