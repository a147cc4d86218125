#include "index/search_reader.h"

#include <algorithm>
#include <limits>

#include "index/database.h"
#include "index/metadata_codec.h"
#include "index/rows.h"
#include "index/scope_condition.h"
#include "index/search_text.h"
#include "index/sql_query.h"
#include "index/study_names.h"

namespace pacs::index {
namespace {

// " AND COLUMN IN (?, ?)"; nothing when there are no values.
void add_one_of(SqlQuery& sql, std::string_view column, const std::vector<std::string>& values) {
  if (values.empty()) return;
  sql.add(" AND ").add(column).add(" IN (");
  for (size_t i = 0; i < values.size(); ++i) sql.add(i == 0 ? "?" : ", ?", values[i]);
  sql.add(")");
}

// By a sub-query, which the condition closes.
void add_study_of(SqlQuery& sql, std::string_view table, std::string_view column,
                  const std::vector<std::string>& values) {
  if (values.empty()) return;
  sql.add(" AND s.id IN (SELECT study_id FROM ").add(table).add(" WHERE 1");
  add_one_of(sql, column, values);
  sql.add(")");
}

void add_searched_modalities(SqlQuery& sql, const std::vector<std::string>& modalities) {
  if (modalities.empty()) return;
  sql.add(" AND (0");
  for (const std::string& modality : modalities) {
    sql.add(R"( OR instr('\' || s.modality || '\', ?) > 0)", '\\' + modality + '\\');
  }
  sql.add(")");
}

// The full-text index leads to the few studies that have the longest part of it.
void add_accession_number(SqlQuery& sql, const std::string& number) {
  sql.add(" AND s.accession_number = ?", number);
  const std::vector<std::string> words = search_words(number);
  const auto longest = std::max_element(
      words.begin(), words.end(),
      [](const auto& left, const auto& right) { return left.size() < right.size(); });
  if (longest == words.end() || !is_indexed_word(*longest)) return;
  sql.add(" AND s.id IN (SELECT rowid FROM study_search WHERE study_search MATCH ?)",
          "accession_number : " + quoted_phrase(*longest));
}

void add_conditions(SqlQuery& sql, const SearchConditions& conditions) {
  add_one_of(sql, "s.study_uid", conditions.study_uids);
  add_study_of(sql, "series", "series_uid", conditions.series_uids);
  add_study_of(sql, "images", "image_uid", conditions.image_uids);
  add_searched_modalities(sql, conditions.modalities);
  if (conditions.patient_id) {
    // The index of patient ids leaves out those that are empty.
    if (!conditions.patient_id->empty()) sql.add(" AND s.patient_id <> ''");
    sql.add(" AND s.patient_id = ?", *conditions.patient_id);
  }
  if (conditions.accession_number) add_accession_number(sql, *conditions.accession_number);
  if (!conditions.study_date_from.empty()) {
    sql.add(" AND s.study_date >= ?", conditions.study_date_from);
  }
  if (!conditions.study_date_to.empty()) {
    sql.add(" AND s.study_date <= ? AND s.study_date > ''", conditions.study_date_to);
  }
}

std::string_view ordering_column(SearchOrdering ordering) {
  switch (ordering) {
    case SearchOrdering::study_date:
      break;
    case SearchOrdering::patient_name:
      return "s.name_key";
    case SearchOrdering::patient_id:
      return "s.patient_id";
    case SearchOrdering::accession_number:
      return "s.accession_number";
    case SearchOrdering::study_description:
      return "s.description";
    case SearchOrdering::study_uid:
      return "s.study_uid";
  }
  return "s.study_date";
}

std::string_view word_of(SortDirection direction) {
  return direction == SortDirection::ascending ? "" : " DESC";
}

// Few studies have these: they are looked up and sorted. The plus sign keeps the database from
// walking along the index of the ordering past all others instead.
bool names_few(const SearchConditions& conditions) {
  return !conditions.study_uids.empty() || !conditions.series_uids.empty() ||
         !conditions.image_uids.empty() || conditions.accession_number ||
         (conditions.patient_id && !conditions.patient_id->empty());
}

// Of what comes behind a record in this direction.
std::string_view comparison_of(SortDirection direction) {
  return direction == SortDirection::ascending ? ") > (?, ?)" : ") < (?, ?)";
}

SqlQuery select_studies(const Scope& scope, const SearchConditions& conditions) {
  SqlQuery sql("SELECT s.patient_name, ");
  sql.add(kStudyColumns).add(" FROM studies s WHERE s.image_count > 0");
  add_conditions(sql, conditions);
  add_study_scope(sql, scope);
  return sql;
}

// " AND s.id IN (…)": of any number of ids, so that the statement is one and the same.
void add_one_of_ids(SqlQuery& sql, const std::vector<int64_t>& ids) {
  std::string list = "[";
  for (const int64_t id : ids) list += (list.size() == 1 ? "" : ",") + std::to_string(id);
  sql.add(" AND s.id IN (SELECT value FROM json_each(?))", list + "]");
}

void add_study_order(SqlQuery& sql, const SearchOrder& order, bool is_sorted) {
  const std::string_view direction = word_of(order.direction);
  sql.add(is_sorted ? " ORDER BY +" : " ORDER BY ");
  sql.add(ordering_column(order.studies)).add(direction).add(", s.id").add(direction);
}

// Those without a number are behind all others, whatever the direction.
void add_series_after(SqlQuery& sql, const SearchPosition& after, SortDirection direction) {
  const SearchPosition::Series& series = *after.series;
  sql.add(" AND (");
  if (after.image) sql.add("e.id = ? OR ", series.id);
  if (series.number) {
    sql.add("e.number IS NULL OR (e.number, e.id")
        .add(comparison_of(direction), *series.number, series.id);
  } else {
    sql.add(direction == SortDirection::ascending ? "e.number IS NULL AND e.id > ?"
                                                  : "e.number IS NULL AND e.id < ?",
            series.id);
  }
  sql.add(")");
}

int64_t instance_order(const std::optional<int64_t>& number) {
  return number.value_or(std::numeric_limits<int64_t>::max());
}

Result<SearchedImage> read_searched_image(Statement& row) {
  SearchedImage image;
  image.id = row.int64();
  image.image_uid = row.text();
  image.sop_class_uid = row.text();
  image.mime_type = row.text();
  image.transfer_syntax = row.text();
  image.instance_number = row.optional_int64();
  image.rows = row.optional_int64();
  image.columns = row.optional_int64();
  image.frames = row.int64();
  return image;
}

Result<std::string> first_metadata(const Database& database, Connection& connection,
                                   const SqlQuery& sql) {
  Statement row = PACS_TRY(sql.prepare(connection));
  if (!PACS_TRY(row.step())) return std::string();
  const int64_t dictionary_id = row.int64();
  return database.metadata_codec().decompress(dictionary_id, row.blob());
}

}  // namespace

Result<Walk> SearchReader::walk_studies(const SqlQuery& sql, const Visitor<StudyRecord>& visit) {
  Statement rows = PACS_TRY(sql.prepare(connection_));
  while (PACS_TRY(rows.step())) {
    const std::string_view name = rows.text_view();
    if (conditions_.name_matches && !conditions_.name_matches(name)) continue;
    const StudyRecord study = PACS_TRY(read_study(rows));
    if (PACS_TRY(visit(study)) == Walk::stop) return Walk::stop;
  }
  return Walk::go_on;
}

Result<void> SearchReader::each_study(const Visitor<StudyRecord>& visit) {
  SqlQuery sql = select_studies(scope_, conditions_);
  bool is_sorted = names_few(conditions_) || scope_.kind() == Scope::Kind::studies;
  if (!is_sorted && !conditions_.name_keys.empty()) {
    const auto named = PACS_TRY(find_study_names(connection_, conditions_.name_keys));
    if (named) add_one_of_ids(sql, *named);
    is_sorted = named.has_value();
  }
  if (after_) {
    if (after_->series) {
      SqlQuery same = sql;
      same.add(" AND s.id = ?", after_->study_id);
      if (PACS_TRY(walk_studies(same, visit)) == Walk::stop) return {};
      sql.add(" AND s.id <> ?", after_->study_id);
    }
    sql.add(" AND (").add(ordering_column(order_.studies)).add(", s.id");
    sql.add(comparison_of(order_.direction), after_->study_key, after_->study_id);
  }
  add_study_order(sql, order_, is_sorted);
  PACS_TRY(walk_studies(sql, visit));
  return {};
}

Result<void> SearchReader::each_series(int64_t study_id, const Visitor<SeriesRecord>& visit) {
  SqlQuery sql("SELECT ");
  sql.add(kSeriesColumns)
      .add(" FROM series e WHERE e.image_count > 0 AND e.study_id = ?", study_id);
  add_one_of(sql, "e.series_uid", conditions_.series_uids);
  if (!conditions_.image_uids.empty()) {
    sql.add(" AND e.id IN (SELECT series_id FROM images WHERE 1");
    add_one_of(sql, "image_uid", conditions_.image_uids);
    sql.add(")");
  }
  add_series_scope(sql, scope_);
  const std::string_view direction = word_of(order_.series_direction);
  const bool goes_on = after_ && after_->series && after_->study_id == study_id;
  if (goes_on) add_series_after(sql, *after_, order_.series_direction);
  sql.add(" ORDER BY ");
  if (goes_on && after_->image) sql.add("e.id <> ?, ", after_->series->id);
  sql.add("e.number IS NULL, e.number").add(direction).add(", e.id").add(direction);
  Statement rows = PACS_TRY(sql.prepare(connection_));
  while (PACS_TRY(rows.step())) {
    if (PACS_TRY(visit(PACS_TRY(read_series(rows)))) == Walk::stop) return {};
  }
  return {};
}

Result<void> SearchReader::each_image(int64_t series_id, const Visitor<SearchedImage>& visit) {
  SqlQuery sql(
      "SELECT i.id, i.image_uid, i.sop_class_uid, i.mime_type, i.transfer_syntax,"
      " i.instance_number, i.rows, i.columns, i.frames FROM images i WHERE i.series_id = ");
  sql.add("?", series_id);
  add_one_of(sql, "i.image_uid", conditions_.image_uids);
  add_image_scope(sql, scope_);
  if (after_ && after_->image && after_->series->id == series_id) {
    sql.add(" AND (i.instance_order, i.id")
        .add(comparison_of(order_.image_direction), instance_order(after_->image->number),
             after_->image->id);
  }
  const std::string_view direction = word_of(order_.image_direction);
  sql.add(" ORDER BY i.instance_order").add(direction).add(", i.id").add(direction);
  Statement rows = PACS_TRY(sql.prepare(connection_));
  while (PACS_TRY(rows.step())) {
    if (PACS_TRY(visit(PACS_TRY(read_searched_image(rows)))) == Walk::stop) return {};
  }
  return {};
}

Result<std::string> SearchReader::metadata(int64_t series_id, int64_t image_id) {
  SqlQuery sql("SELECT m.dictionary_id, m.json FROM instance_metadata m WHERE ");
  sql.add("m.series_id = ? AND m.image_id = ?", series_id, image_id);
  return first_metadata(database_, connection_, sql);
}

Result<std::string> SearchReader::metadata_of_series(int64_t series_id) {
  SqlQuery sql("SELECT m.dictionary_id, m.json FROM instance_metadata m WHERE ");
  sql.add("m.series_id = ? ORDER BY m.image_id LIMIT 1", series_id);
  return first_metadata(database_, connection_, sql);
}

Result<std::string> SearchReader::metadata_of_study(int64_t study_id) {
  SqlQuery sql(
      "SELECT m.dictionary_id, m.json FROM series e JOIN instance_metadata m"
      " ON m.series_id = e.id WHERE ");
  sql.add("e.study_id = ? ORDER BY e.id, m.image_id LIMIT 1", study_id);
  return first_metadata(database_, connection_, sql);
}

Result<std::string> SearchReader::study_key(int64_t study_id) {
  SqlQuery sql("SELECT ");
  sql.add(ordering_column(order_.studies)).add(" FROM studies s WHERE s.id = ?", study_id);
  Statement row = PACS_TRY(sql.prepare(connection_));
  if (!PACS_TRY(row.step())) return std::string();
  return row.text();
}

Result<std::vector<std::string>> SearchReader::sop_classes(int64_t study_id) {
  SqlQuery sql(
      "SELECT DISTINCT i.sop_class_uid FROM series e JOIN images i ON i.series_id = e.id"
      " WHERE i.sop_class_uid <> '' AND ");
  sql.add("e.study_id = ? ORDER BY 1", study_id);
  std::vector<std::string> classes;
  Statement rows = PACS_TRY(sql.prepare(connection_));
  while (PACS_TRY(rows.step())) classes.push_back(rows.text());
  return classes;
}

Result<void> search(const Database& database, const Scope& scope,
                    const SearchConditions& conditions, const SearchOrder& order,
                    const std::optional<SearchPosition>& after,
                    const std::function<Result<void>(SearchReader&)>& work) {
  return database.read([&](Connection& connection) -> Result<void> {
    SearchReader reader(database, connection, scope, conditions, order, after);
    return work(reader);
  });
}

}  // namespace pacs::index
