#include "index/study_listing.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "index/rows.h"
#include "index/sql_query.h"
#include "index/study_rows.h"

namespace pacs::index {
namespace {

// A record's place in the ordering; a time is compared as a number, the others as text.
struct Place {
  int64_t number = 0;
  std::string text;
  int64_t id = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

class StudyListing {
 public:
  StudyListing(Connection& connection, const StudyQuery& query, const StudyFilter& filter,
               const StudyListingLimits& limits)
      : connection_(connection),
        query_(query),
        filter_(filter),
        limits_(limits),
        is_backward_(query.before.has_value()),
        is_ascending_((query.direction == SortDirection::ascending) != is_backward_) {}

  Result<StudyPage> run() {
    PACS_TRY(read_start());
    StudyPage page;
    std::vector<Place> places = PACS_TRY(find_places(page.count));
    const bool has_more = places.size() > query_.page_size;
    if (has_more) places.pop_back();
    if (is_backward_) std::reverse(places.begin(), places.end());
    for (const Place& place : places) {
      if (auto study = PACS_TRY(read_one(place.id))) page.studies.push_back(std::move(*study));
    }
    if (places.empty()) return page;
    if (is_backward_ || has_more) page.next = position_of(places.back());
    if (is_backward_ ? has_more : start_.has_value()) page.previous = position_of(places.front());
    return page;
  }

 private:
  [[nodiscard]] bool is_by_time() const { return query_.ordering == StudyOrdering::created_at; }

  [[nodiscard]] std::string_view sort_column() const {
    switch (query_.ordering) {
      case StudyOrdering::study_date:
        return "s.study_date";
      case StudyOrdering::patient_name:
        return "s.name_key";
      case StudyOrdering::created_at:
        break;
    }
    return "s.created_at";
  }

  [[nodiscard]] std::string_view sort_index() const {
    switch (query_.ordering) {
      case StudyOrdering::study_date:
        return "studies_by_study_date";
      case StudyOrdering::patient_name:
        return "studies_by_name";
      case StudyOrdering::created_at:
        break;
    }
    return "studies_by_created_at";
  }

  Result<void> read_start() {
    const auto& position = is_backward_ ? query_.before : query_.after;
    if (!position) return {};
    Place start{0, "", position->id};
    const std::string& key = position->sort_key;
    if (is_by_time()) {
      const auto read = std::from_chars(key.data(), key.data() + key.size(), start.number);
      if (read.ec != std::errc() || read.ptr != key.data() + key.size()) {
        return invalid_argument("bad_position", "The position of the page cannot be read.");
      }
    } else {
      start.text = key;
    }
    start_ = std::move(start);
    return {};
  }

  [[nodiscard]] StudyPosition position_of(const Place& place) const {
    return {is_by_time() ? std::to_string(place.number) : place.text, place.id};
  }

  // The places of the page and one more, in the direction of travel; and the exact count.
  Result<std::vector<Place>> find_places(int64_t& count) {
    if (const auto name = filter_.maintained_total()) {
      count = PACS_TRY(total(connection_, *name));
      if (!query_.modality || count > limits_.gathered_max) return walk();
    }
    std::vector<Place> all = PACS_TRY(gather());
    if (static_cast<int64_t>(all.size()) <= limits_.gathered_max) {
      count = static_cast<int64_t>(all.size());
      return pick(std::move(all));
    }
    if (filter_.has_indexed_words()) return walk_among_found(count);
    SqlQuery sql("SELECT count(*) FROM studies s WHERE 1");
    filter_.add_to(sql, date_access());
    count = PACS_TRY(read_number(sql));
    if (filter_.names_owner()) return sort();
    // Dates and times of arrival go together, so a walk would pass all that does not match first.
    const bool is_dense = count * limits_.dense_factor >= PACS_TRY(total(connection_, "studies"));
    return is_by_time() && filter_.has_date() && !is_dense ? sort() : walk();
  }

  // The index of dates has the modality too, and is run over anyway when dates are asked for.
  [[nodiscard]] StudyFilter::Access date_access() const {
    return filter_.has_date() ? StudyFilter::Access::look_at_each : StudyFilter::Access::look_up;
  }

  Result<int64_t> read_number(const SqlQuery& sql) {
    Statement row = PACS_TRY(sql.prepare(connection_));
    if (!PACS_TRY(row.step())) return int64_t{0};
    return row.int64();
  }

  // All matches, unless there are too many to sort here.
  Result<std::vector<Place>> gather() {
    SqlQuery sql("SELECT s.id, ");
    sql.add(sort_column()).add(" FROM studies s");
    if (filter_.looks_through_names()) sql.add(" INDEXED BY studies_by_name");
    sql.add(" WHERE 1");
    filter_.add_to(sql, date_access());
    sql.add(" LIMIT ?", limits_.gathered_max + 1);
    return read_places(sql);
  }

  // Those of `all` that belong on the page, and one more.
  [[nodiscard]] std::vector<Place> pick(std::vector<Place> all) const {
    if (start_) {
      std::erase_if(all, [&](const Place& place) { return !comes_first(*start_, place); });
    }
    const size_t wanted = std::min(all.size(), query_.page_size + 1);
    std::partial_sort(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(wanted), all.end(),
        [this](const Place& left, const Place& right) { return comes_first(left, right); });
    all.resize(wanted);
    return all;
  }

  // Along the index of the ordering, looking at each study.
  Result<std::vector<Place>> walk() {
    SqlQuery sql("SELECT s.id, ");
    sql.add(sort_column()).add(" FROM studies s INDEXED BY ").add(sort_index()).add(" WHERE 1");
    filter_.add_to(sql, StudyFilter::Access::look_at_each);
    add_order(sql, std::string(sort_column()));
    return read_places(sql);
  }

  // All matches, sorted by the database. The plus sign keeps it from walking along an index.
  Result<std::vector<Place>> sort() {
    SqlQuery sql("SELECT s.id, ");
    sql.add(sort_column()).add(" FROM studies s WHERE 1");
    filter_.add_to(sql, date_access());
    add_order(sql, "+" + std::string(sort_column()));
    return read_places(sql);
  }

  // Along the index of the ordering, among those that the search index has found: nothing but that
  // index is read. It goes to the end when other filters have a say in the count.
  Result<std::vector<Place>> walk_among_found(int64_t& count) {
    std::vector<int64_t> found;
    {
      Statement ids = PACS_TRY(filter_.ids_of_indexed_words().prepare(connection_));
      while (PACS_TRY(ids.step())) found.push_back(ids.int64());
    }
    const bool is_count_known = filter_.has_nothing_but_indexed_words();
    SqlQuery sql("SELECT s.id, ");
    sql.add(sort_column()).add(" FROM studies s INDEXED BY ").add(sort_index()).add(" WHERE 1");
    filter_.add_all_but_indexed_words(sql);
    const std::string direction = is_ascending_ ? "" : " DESC";
    sql.add(" ORDER BY " + std::string(sort_column()) + direction + ", s.id" + direction);

    std::vector<Place> places;
    count = 0;
    Statement rows = PACS_TRY(sql.prepare(connection_));
    while (PACS_TRY(rows.step())) {
      Place place = read_place(rows);
      if (!std::binary_search(found.begin(), found.end(), place.id)) continue;
      ++count;
      const bool is_wanted =
          places.size() <= query_.page_size && (!start_ || comes_first(*start_, place));
      if (is_wanted) places.push_back(std::move(place));
      if (is_count_known && places.size() > query_.page_size) break;
    }
    if (is_count_known) count = static_cast<int64_t>(found.size());
    return places;
  }

  void add_order(SqlQuery& sql, const std::string& column) const {
    if (start_) {
      sql.add(" AND (" + column + (is_ascending_ ? ", s.id) > " : ", s.id) < "));
      if (is_by_time()) {
        sql.add("(?, ?)", start_->number, start_->id);
      } else {
        sql.add("(?, ?)", start_->text, start_->id);
      }
    }
    const std::string direction = is_ascending_ ? "" : " DESC";
    sql.add(" ORDER BY " + column + direction + ", s.id" + direction);
    sql.add(" LIMIT ?", static_cast<int64_t>(query_.page_size + 1));
  }

  Result<std::vector<Place>> read_places(const SqlQuery& sql) {
    std::vector<Place> places;
    Statement rows = PACS_TRY(sql.prepare(connection_));
    while (PACS_TRY(rows.step())) places.push_back(read_place(rows));
    return places;
  }

  [[nodiscard]] Place read_place(Statement& row) const {
    Place place;
    place.id = row.int64();
    if (is_by_time()) {
      place.number = row.int64();
    } else {
      place.text = row.text();
    }
    return place;
  }

  // In the direction of travel.
  [[nodiscard]] bool comes_first(const Place& left, const Place& right) const {
    return is_ascending_ ? left < right : right < left;
  }

  Result<std::optional<StudyRecord>> read_one(int64_t id) {
    SqlQuery sql("SELECT ");
    sql.add(kStudyColumns).add(" FROM studies s WHERE s.id = ?", id);
    Statement row = PACS_TRY(sql.prepare(connection_));
    if (!PACS_TRY(row.step())) return std::optional<StudyRecord>();
    return std::optional<StudyRecord>(PACS_TRY(read_study(row)));
  }

  Connection& connection_;
  const StudyQuery& query_;
  const StudyFilter& filter_;
  const StudyListingLimits& limits_;
  const bool is_backward_;
  const bool is_ascending_;  // in the direction of travel
  std::optional<Place> start_;
};

}  // namespace

Result<StudyPage> list_studies(Connection& connection, const StudyQuery& query,
                               const StudyFilter& filter, const StudyListingLimits& limits) {
  return StudyListing(connection, query, filter, limits).run();
}

}  // namespace pacs::index
