// The filters of a StudyQuery as conditions on `studies s`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "index/scope.h"
#include "index/sql_query.h"
#include "index/study_query.h"

namespace pacs::index {

// Refers to the scope and the query, which outlive it.
class StudyFilter {
 public:
  // `invalid_argument` (reasons "page_size", "too_long", "bad_position") for a query out of bounds.
  [[nodiscard]] static Result<StudyFilter> create(const Scope& scope, const StudyQuery& query);

  // What the answer's count is kept under (see add_to_total), when it is kept at all.
  [[nodiscard]] std::optional<std::string> maintained_total() const;
  // The words that the search index knows decide together with other filters, or alone.
  [[nodiscard]] bool has_indexed_words() const { return !search_expression_.empty(); }
  [[nodiscard]] bool has_nothing_but_indexed_words() const;
  // Nothing but short words of names: the index of names is the smallest place to look.
  [[nodiscard]] bool looks_through_names() const;
  // An order or a patient, which have few studies.
  [[nodiscard]] bool names_owner() const { return query_.order || query_.patient_id; }
  [[nodiscard]] bool has_date() const { return query_.study_date_from || query_.study_date_to; }

  enum class Access {
    look_up,       // from the indexes of what matches
    look_at_each,  // each study that comes along in the order of the answer
  };
  // Adds " AND …" for everything.
  void add_to(SqlQuery& sql, Access access) const;
  // The same without the words that the search index knows.
  void add_all_but_indexed_words(SqlQuery& sql) const;
  // The ids, in order, of the studies that have those words.
  [[nodiscard]] SqlQuery ids_of_indexed_words() const;

 private:
  StudyFilter(const Scope& scope, const StudyQuery& query);

  void add_attributes(SqlQuery& sql) const;
  void add_modality(SqlQuery& sql, Access access) const;
  void add_other_words(SqlQuery& sql) const;

  const Scope& scope_;
  const StudyQuery& query_;
  std::string search_expression_;          // for the search index; empty: nothing
  std::vector<std::string> name_words_;    // too short for it
  std::vector<std::string> search_words_;  // likewise
};

}  // namespace pacs::index
