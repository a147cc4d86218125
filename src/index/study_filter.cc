#include "index/study_filter.h"

#include "core/text.h"
#include "index/scope_condition.h"
#include "index/search_text.h"

namespace pacs::index {
namespace {

void add_phrase(std::string& expression, std::string_view columns, const std::string& word) {
  if (!expression.empty()) expression += " AND ";
  expression += columns;
  expression += quoted_phrase(word);
}

}  // namespace

StudyFilter::StudyFilter(const Scope& scope, const StudyQuery& query)
    : scope_(scope), query_(query) {
  const auto sort_out = [this](const std::optional<std::string>& question, std::string_view columns,
                               std::vector<std::string>& short_words) {
    for (std::string& word : search_words(question.value_or(""))) {
      if (is_indexed_word(word)) {
        add_phrase(search_expression_, columns, word);
      } else {
        short_words.push_back(std::move(word));
      }
    }
  };
  sort_out(query.patient_name, "patient_name : ", name_words_);
  sort_out(query.search, "", search_words_);
}

Result<StudyFilter> StudyFilter::create(const Scope& scope, const StudyQuery& query) {
  if (query.page_size < 1 || query.page_size > StudyQuery::kPageMax) {
    return invalid_argument("page_size", "The page size is out of bounds.");
  }
  for (const auto* text : {&query.patient_id, &query.patient_name, &query.modality,
                           &query.study_date_from, &query.study_date_to, &query.search}) {
    if (*text && (*text)->size() > StudyQuery::kTextSizeMax) {
      return invalid_argument("too_long", "A filter is too long.");
    }
  }
  if (query.after && query.before) {
    return invalid_argument("bad_position", "A page is either after or before a position.");
  }
  return StudyFilter(scope, query);
}

std::optional<std::string> StudyFilter::maintained_total() const {
  const bool has_words = has_indexed_words() || !name_words_.empty() || !search_words_.empty();
  if (!scope_.covers_everything() || has_words || names_owner() || has_date()) return std::nullopt;
  return query_.modality ? "modality/" + *query_.modality : "studies";
}

bool StudyFilter::has_nothing_but_indexed_words() const {
  return scope_.covers_everything() && has_indexed_words() && name_words_.empty() &&
         search_words_.empty() && !names_owner() && !has_date() && !query_.modality;
}

bool StudyFilter::looks_through_names() const {
  return scope_.covers_everything() && !has_indexed_words() && !name_words_.empty() &&
         search_words_.empty() && !names_owner() && !has_date();
}

SqlQuery StudyFilter::ids_of_indexed_words() const {
  SqlQuery sql("SELECT rowid FROM study_search WHERE study_search MATCH ");
  sql.add("? ORDER BY rowid", search_expression_);
  return sql;
}

void StudyFilter::add_to(SqlQuery& sql, Access access) const {
  add_attributes(sql);
  if (query_.modality) add_modality(sql, access);
  if (has_indexed_words()) {
    sql.add(
        " AND s.id IN (SELECT rowid FROM study_search WHERE study_search "
        "MATCH ?)",
        search_expression_);
  }
  add_other_words(sql);
  add_study_scope(sql, scope_);
}

void StudyFilter::add_all_but_indexed_words(SqlQuery& sql) const {
  add_attributes(sql);
  if (query_.modality) add_modality(sql, Access::look_at_each);
  add_other_words(sql);
  add_study_scope(sql, scope_);
}

void StudyFilter::add_attributes(SqlQuery& sql) const {
  if (query_.order) {
    sql.add(" AND s.order_kind = ? AND s.order_value = ?", static_cast<int64_t>(query_.order->kind),
            query_.order->value);
  }
  // The index of patient ids leaves out those that are empty.
  if (query_.patient_id) {
    if (!query_.patient_id->empty()) sql.add(" AND s.patient_id <> ''");
    sql.add(" AND s.patient_id = ?", *query_.patient_id);
  }
  if (query_.study_date_from) sql.add(" AND s.study_date >= ?", *query_.study_date_from);
  if (query_.study_date_to) {
    sql.add(" AND s.study_date <= ? AND s.study_date > ''", *query_.study_date_to);
  }
}

void StudyFilter::add_modality(SqlQuery& sql, Access access) const {
  if (access == Access::look_up) {
    sql.add(
        " AND s.id IN (SELECT study_id FROM study_modalities WHERE "
        "modality = ?)",
        *query_.modality);
  } else {
    sql.add(R"( AND instr('\' || s.modality || '\', ?) > 0)", '\\' + *query_.modality + '\\');
  }
}

void StudyFilter::add_other_words(SqlQuery& sql) const {
  // The key by which names are sorted is the searchable name.
  for (const std::string& word : name_words_) sql.add(" AND instr(s.name_key, ?) > 0", word);
  if (search_words_.empty()) return;
  // One run over all texts, unless the search index has left few studies to
  // look at.
  sql.add(has_indexed_words() || names_owner()
              ? " AND EXISTS (SELECT 1 FROM study_texts t WHERE t.study_id = s.id"
              : " AND s.id IN (SELECT t.study_id FROM study_texts t WHERE 1");
  for (const std::string& word : search_words_) {
    sql.add(
        " AND (instr(t.patient_name, ?) > 0 OR instr(t.patient_id, ?) > 0"
        " OR instr(t.description, ?) > 0 OR instr(t.accession_number, ?) > 0)",
        word, word, word, word);
  }
  sql.add(")");
}

}  // namespace pacs::index
