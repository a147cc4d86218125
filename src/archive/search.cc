#include "archive/search.h"

#include <algorithm>
#include <string>
#include <utility>

#include "archive/search_columns.h"
#include "archive/search_plan.h"
#include "core/text.h"

namespace pacs::archive {
namespace {

using index::SearchedImage;
using index::SeriesRecord;
using index::StudyRecord;
using index::Walk;

constexpr SearchLevel kStudy = SearchLevel::study;
constexpr SearchLevel kSeries = SearchLevel::series;
constexpr SearchLevel kInstance = SearchLevel::instance;

// A larger data set counts as several.
constexpr size_t kUsualDataSetSize = 16384;

// The first value of an attribute, by column or else from the data set; empty when it has none.
std::string first_text(const SearchHit& hit, dicom::Tag tag) {
  auto values = column_values(hit, tag);
  if (!values) {
    const auto json = dicom::find_json_element(hit.metadata, tag);
    const auto element = json ? dicom::parse_json_element(*json) : std::nullopt;
    if (element) values = dicom::values_of(*element);
  }
  return values && !values->texts.empty() ? std::string(trim(values->texts[0])) : std::string();
}

class Search {
 public:
  Search(index::SearchReader& reader, const SearchQuery& query, const SearchPlan& plan,
         const SearchLimits& limits, const HitSink& tell)
      : reader_(reader),
        query_(query),
        plan_(plan),
        limits_(limits),
        tell_(tell),
        page_size_(std::min(query.limit.value_or(limits.hits_max), limits.hits_max)),
        is_capped_(query.limit.value_or(UINT64_MAX) > limits.hits_max) {}

  Result<SearchTally> run() {
    if (page_size_ > 0) {
      PACS_TRY(reader_.each_study([this](const StudyRecord& study) { return visit_study(study); }));
    }
    if (told_ > 0 && (has_more_ || tally_.was_cut_short)) {
      last_told_.study_key = PACS_TRY(reader_.study_key(last_told_.study_id));
      tally_.next = std::move(last_told_);
    }
    return std::move(tally_);
  }

 private:
  Result<Walk> visit_study(const StudyRecord& study) {
    SearchHit hit{study};
    if (plan_.asks_for_sop_classes() || query_.wants_sop_classes) {
      hit.sop_classes = PACS_TRY(reader_.sop_classes(study.id));
    }
    if (!PACS_TRY(matches(hit, kStudy))) return next();
    if (query_.level == kStudy) {
      const bool is_below_asked = !plan_.of(kSeries).empty() || !plan_.of(kInstance).empty();
      if (is_below_asked && !PACS_TRY(has_series(hit))) return next();
      return take(std::move(hit));
    }
    PACS_TRY(reader_.each_series(
        study.id, [&](const SeriesRecord& series) { return visit_series(hit, series); }));
    return next();
  }

  Result<Walk> visit_series(const SearchHit& study, const SeriesRecord& series) {
    SearchHit hit = study;
    hit.series = series;
    hit.metadata.clear();
    if (!PACS_TRY(matches(hit, kSeries))) return next();
    if (query_.level == kSeries) {
      if (!plan_.of(kInstance).empty() && !PACS_TRY(has_image(hit))) return next();
      return take(std::move(hit));
    }
    PACS_TRY(reader_.each_image(
        series.id, [&](const SearchedImage& image) { return visit_image(hit, image); }));
    return next();
  }

  Result<Walk> visit_image(const SearchHit& series, const SearchedImage& image) {
    SearchHit hit{series.study, series.series, image, {}, series.sop_classes};
    if (!PACS_TRY(matches(hit, kInstance))) return next();
    return take(std::move(hit));
  }

  // Is there a series with all that is asked of series and instances?
  Result<bool> has_series(const SearchHit& study) {
    bool is_found = false;
    PACS_TRY(reader_.each_series(study.study.id, [&](const SeriesRecord& series) -> Result<Walk> {
      SearchHit hit{study.study, series};
      is_found = PACS_TRY(matches(hit, kSeries)) &&
                 (plan_.of(kInstance).empty() || PACS_TRY(has_image(hit)));
      return is_found ? Walk::stop : next();
    }));
    return is_found;
  }

  Result<bool> has_image(const SearchHit& series) {
    bool is_found = false;
    PACS_TRY(reader_.each_image(series.series->id, [&](const SearchedImage& image) -> Result<Walk> {
      SearchHit hit{series.study, series.series, image};
      is_found = PACS_TRY(matches(hit, kInstance));
      return is_found ? Walk::stop : next();
    }));
    return is_found;
  }

  // Does the hit have what is asked of `level`? Its data set is read when there is need.
  Result<bool> matches(SearchHit& hit, SearchLevel level) {
    const LevelMatches& asked = plan_.of(level);
    for (const dicom::AttributeMatch* match : asked.columns) {
      if (!match->matches(*column_values(hit, match->path().first()))) return false;
    }
    const bool moments_need_more =
        !asked.moments.empty() && (level != kStudy || plan_.needs_time_zones());
    if (!asked.data_set.empty() || moments_need_more) {
      if (is_full()) {
        has_more_ = true;
        return false;
      }
      PACS_TRY(read_metadata(hit, level));
      data_sets_read_ += 1 + hit.metadata.size() / kUsualDataSetSize;
      if (data_sets_read_ >= limits_.data_sets_max) tally_.was_cut_short = true;
    }
    return dicom::matches_all(hit.metadata, asked.data_set) &&
           std::all_of(asked.moments.begin(), asked.moments.end(),
                       [&](const MomentMatch& moment) { return is_in_moment(hit, moment); });
  }

  [[nodiscard]] bool is_in_moment(const SearchHit& hit, const MomentMatch& moment) const {
    std::string value = first_text(hit, moment.date);
    if (value.empty()) return false;
    std::erase(value, '.');  // of the old form of a date
    value += first_text(hit, moment.time);
    std::erase_if(value, [](char c) { return c == ':'; });
    if (plan_.needs_time_zones()) value += first_text(hit, dicom::tags::kTimezoneOffsetFromUtc);
    return moment.range.covers(value);
  }

  Result<void> read_metadata(SearchHit& hit, SearchLevel level) {
    if (!hit.metadata.empty()) return {};
    if (level == kStudy) {
      hit.metadata = PACS_TRY(reader_.metadata_of_study(hit.study.id));
    } else if (level == kSeries) {
      hit.metadata = PACS_TRY(reader_.metadata_of_series(hit.series->id));
    } else {
      hit.metadata = PACS_TRY(reader_.metadata(hit.series->id, hit.image->id));
    }
    return {};
  }

  // Into the answer, or counted as one before the page or behind it.
  Result<Walk> take(SearchHit hit) {
    if (skipped_ < query_.offset) {
      ++skipped_;
      return next();
    }
    if (told_ == page_size_) {
      has_more_ = true;
      if (!is_capped_) return Walk::stop;
      ++tally_.remaining_count;
      tally_.remaining_is_at_least = tally_.remaining_count >= limits_.counted_max;
      return next();
    }
    PACS_TRY(read_metadata(hit, query_.level));
    tell_(hit);
    ++told_;
    last_told_.study_id = hit.study.id;
    if (hit.series) last_told_.series = {hit.series->attributes.number, hit.series->id};
    if (hit.image) last_told_.image = {hit.image->instance_number, hit.image->id};
    return next();
  }

  // A page that the client has measured itself, when what is behind it need not be counted.
  [[nodiscard]] bool is_full() const { return told_ == page_size_ && !is_capped_; }

  [[nodiscard]] Walk next() const {
    const bool is_over = is_full() && has_more_;
    return is_over || tally_.was_cut_short || tally_.remaining_is_at_least ? Walk::stop
                                                                           : Walk::go_on;
  }

  index::SearchReader& reader_;
  const SearchQuery& query_;
  const SearchPlan& plan_;
  const SearchLimits& limits_;
  const HitSink& tell_;
  const uint64_t page_size_;
  const bool is_capped_;
  uint64_t skipped_ = 0;
  uint64_t told_ = 0;
  uint64_t data_sets_read_ = 0;
  bool has_more_ = false;            // or may have
  index::SearchPosition last_told_;  // without the key of its study
  SearchTally tally_;
};

}  // namespace

Result<SearchTally> SearchService::search(const index::Scope& scope, const SearchQuery& query,
                                          const HitSink& tell) const {
  const SearchPlan plan(query);
  SearchTally tally;
  PACS_TRY(index::search(database_, scope, plan.conditions(), query.order, query.after,
                         [&](index::SearchReader& reader) -> Result<void> {
                           tally = PACS_TRY(Search(reader, query, plan, limits_, tell).run());
                           return {};
                         }));
  return tally;
}

}  // namespace pacs::archive
