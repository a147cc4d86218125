// The filters of a StudyQuery as conditions on `studies s`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "index/scope.h"
#include "index/sql_query.h"
#include "index/study_query.h"

namespace pacs::index {

class StudyFilter {
 public:
  // `invalid_argument` (reasons "page_size", "too_long", "bad_position") for a query out of bounds.
  [[nodiscard]] static Result<StudyFilter> create(const Scope& scope, const StudyQuery& query);

  // What the answer's count is kept under (see add_to_total), when it is kept at all.
  [[nodiscard]] std::optional<std::string> maintained_total() const;
  [[nodiscard]] bool has_text() const;

  // How to get at the studies: from an index of what matches, or by looking at each study that
  // comes along in the order of the answer.
  enum class Access { look_up, look_at_each };
  // Adds " AND …" for everything.
  void add_to(SqlQuery& sql, Access access) const;

 private:
  StudyFilter(const Scope& scope, const StudyQuery& query);

  void add_text(SqlQuery& sql, Access access) const;
  void add_modality(SqlQuery& sql, Access access) const;
  void add_attributes(SqlQuery& sql) const;

  const Scope& scope_;
  const StudyQuery& query_;
  std::vector<std::string> name_words_;
  std::vector<std::string> search_words_;
};

}  // namespace pacs::index
