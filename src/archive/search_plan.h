// How a search goes about it: what the index narrows down by its columns, what is held against a
// row, and what only a data set can tell.
#pragma once

#include <optional>
#include <vector>

#include "archive/search_query.h"
#include "dicom/time_range.h"
#include "index/search_reader.h"

namespace pacs::archive {

// A date and its time as one moment (PS3.4 C.2.2.2.5): a range that begins on the evening of one
// day and ends on the morning of another, or one that is meant in another time zone.
struct MomentMatch {
  dicom::Tag date;
  dicom::Tag time;
  dicom::TimeRange range;
};

// What is asked of one level: of its columns, and of the data set.
struct LevelMatches {
  std::vector<const dicom::AttributeMatch*> columns{};
  std::vector<const dicom::AttributeMatch*> data_set{};
  std::vector<MomentMatch> moments{};

  [[nodiscard]] bool empty() const {
    return columns.empty() && data_set.empty() && moments.empty();
  }
};

// Refers to the query, which outlives it.
class SearchPlan {
 public:
  explicit SearchPlan(const SearchQuery& query);

  [[nodiscard]] const index::SearchConditions& conditions() const { return conditions_; }
  [[nodiscard]] const LevelMatches& of(SearchLevel level) const {
    return levels_[static_cast<size_t>(level)];
  }
  [[nodiscard]] bool needs_time_zones() const { return !query_.timezone_offset.empty(); }
  [[nodiscard]] bool asks_for_sop_classes() const { return asks_for_sop_classes_; }

 private:
  void narrow(const dicom::AttributeMatch& match);
  void narrow_by_text(const dicom::AttributeMatch& match);
  [[nodiscard]] bool add_moment(const dicom::AttributeMatch& date);
  [[nodiscard]] const dicom::AttributeMatch* find(dicom::Tag tag) const;
  [[nodiscard]] LevelMatches& level_of(dicom::Tag tag);

  const SearchQuery& query_;
  index::SearchConditions conditions_;
  LevelMatches levels_[3];
  std::vector<const dicom::AttributeMatch*> in_moments_;
  bool asks_for_sop_classes_ = false;
};

}  // namespace pacs::archive
