#include "archive/search_plan.h"

#include <algorithm>
#include <string>

#include "archive/search_columns.h"
#include "core/text.h"
#include "dicom/image_description.h"
#include "dicom/person_name_match.h"
#include "dicom/uid.h"
#include "dicom/wildcard.h"

namespace pacs::archive {
namespace {

namespace tags = dicom::tags;
using dicom::AttributeMatch;

struct DateAndTime {
  dicom::Tag date;
  dicom::Tag time;
};
constexpr DateAndTime kPairs[] = {
    {tags::kStudyDate, tags::kStudyTime}, {tags::kSeriesDate, tags::kSeriesTime},
    {{0x0008, 0x0012}, {0x0008, 0x0013}},  // Instance Creation
    {{0x0008, 0x0022}, {0x0008, 0x0032}},  // Acquisition
    {{0x0008, 0x0023}, {0x0008, 0x0033}},  // Content
    {{0x0040, 0x0244}, {0x0040, 0x0245}},  // Performed Procedure Step Start
    {{0x0040, 0x0250}, {0x0040, 0x0251}},  // Performed Procedure Step End
};

const DateAndTime* find_pair(dicom::Tag date) {
  const auto* found = std::find_if(std::begin(kPairs), std::end(kPairs),
                                   [&](const DateAndTime& pair) { return pair.date == date; });
  return found == std::end(kPairs) ? nullptr : found;
}

std::string joined(std::string_view date, std::string_view time, std::string_view zone) {
  if (date.empty()) return {};
  std::string digits(time);
  std::erase(digits, ':');
  return std::string(date) + digits + std::string(zone);
}

// The date of a question and the time, which may be empty, as one question of DT; nothing when they
// are not of the same form, and so ask for two things.
std::optional<std::string> joined_question(const std::string& date, const std::string& time,
                                           const std::string& zone) {
  const auto dates = dicom::split_range(dicom::Vr::DA, date);
  const auto times = dicom::split_range(dicom::Vr::TM, time);
  if (!dates) {
    if (times) return std::nullopt;
    return joined(trim(date), trim(time), zone);
  }
  if (!times) {
    if (!time.empty()) return std::nullopt;
    return joined(dates->from, "", zone) + "-" + joined(dates->to, "", zone);
  }
  if (dates->from.empty() != times->from.empty() || dates->to.empty() != times->to.empty()) {
    return std::nullopt;
  }
  return joined(dates->from, times->from, zone) + "-" + joined(dates->to, times->to, zone);
}

// UIDs in the form in which the index has them. The question was checked when it was made.
std::vector<std::string> uids_of(const AttributeMatch& match) {
  std::vector<std::string> uids;
  for (const std::string_view piece : dicom::split_list(dicom::Vr::UI, match.question())) {
    if (const auto uid = dicom::SopInstanceUid::parse(piece)) uids.push_back(uid->to_dicom());
  }
  return uids;
}

// Of one text that stands for itself alone.
std::optional<std::string> exact_text(const AttributeMatch& match) {
  const std::string text(trim(match.question()));
  const bool may_mean_more =
      dicom::has_wildcard(text) || text.find('\\') != std::string::npos || text == R"("")";
  if (may_mean_more) return std::nullopt;
  return text;
}

}  // namespace

SearchPlan::SearchPlan(const SearchQuery& query) : query_(query) {
  for (const AttributeMatch& match : query.matches) {
    if (match.is_universal() || !add_moment(match)) continue;
    if (match.path().first() == tags::kStudyDate && query.timezone_offset.empty()) narrow(match);
  }
  for (const AttributeMatch& match : query.matches) {
    asks_for_sop_classes_ |= match.path().first() == tags::kSopClassesInStudy;
    const bool is_done =
        std::find(in_moments_.begin(), in_moments_.end(), &match) != in_moments_.end();
    if (match.is_universal() || is_done) continue;
    LevelMatches& level = level_of(match.path().first());
    const bool has_column =
        match.path().tags.size() == 1 && column_level(match.path().first()).has_value();
    (has_column ? level.columns : level.data_set).push_back(&match);
    if (has_column) narrow(match);
  }
  if (!query.study_uid.empty()) conditions_.study_uids = {query.study_uid};
  if (!query.series_uid.empty()) conditions_.series_uids = {query.series_uid};
}

LevelMatches& SearchPlan::level_of(dicom::Tag tag) {
  const SearchLevel level = column_level(tag).value_or(dicom::attribute_level(tag));
  return levels_[static_cast<size_t>(level)];
}

const AttributeMatch* SearchPlan::find(dicom::Tag tag) const {
  for (const AttributeMatch& match : query_.matches) {
    if (match.path().tags.size() == 1 && match.path().first() == tag) return &match;
  }
  return nullptr;
}

// True when `date` was joined with its time. Without a time zone a date that stands alone is left
// as it is.
bool SearchPlan::add_moment(const AttributeMatch& date) {
  const DateAndTime* pair = find_pair(date.path().first());
  if (pair == nullptr || date.path().tags.size() != 1) return false;
  const AttributeMatch* time = find(pair->time);
  if (time != nullptr && time->is_universal()) time = nullptr;
  if (query_.timezone_offset.empty() && time == nullptr) return false;
  const auto question = joined_question(date.question(), time == nullptr ? "" : time->question(),
                                        query_.timezone_offset);
  const auto range = question ? dicom::TimeRange::parse(dicom::Vr::DT, *question) : std::nullopt;
  if (!range) return false;
  level_of(pair->date).moments.push_back({pair->date, pair->time, *range});
  in_moments_.push_back(&date);
  if (time != nullptr) in_moments_.push_back(time);
  return true;
}

// Each condition is a necessary one: the match itself still decides.
void SearchPlan::narrow(const AttributeMatch& match) {
  const dicom::Tag tag = match.path().first();
  if (tag == tags::kStudyInstanceUid) {
    conditions_.study_uids = uids_of(match);
  } else if (tag == tags::kSeriesInstanceUid) {
    conditions_.series_uids = uids_of(match);
  } else if (tag == tags::kSopInstanceUid) {
    conditions_.image_uids = uids_of(match);
  } else if (tag == tags::kPatientName) {
    const std::string& question = match.question();
    // A backslash may part two names, and quotes may ask for none.
    if (question.find_first_of("\\\"") == std::string::npos) {
      conditions_.name_keys =
          dicom::name_key_patterns(question, match.options().fuzzy ? dicom::NameMatching::fuzzy
                                                                   : dicom::NameMatching::literal);
    }
    conditions_.name_matches = [&match](std::string_view name) {
      return match.matches({dicom::Vr::PN, {std::string(name)}});
    };
  } else if (tag == tags::kStudyDate) {
    const auto range = dicom::split_range(dicom::Vr::DA, match.question());
    conditions_.study_date_from = dicom::iso_date(range ? range->from : match.question());
    conditions_.study_date_to = dicom::iso_date(range ? range->to : match.question());
  } else {
    narrow_by_text(match);
  }
}

void SearchPlan::narrow_by_text(const AttributeMatch& match) {
  const dicom::Tag tag = match.path().first();
  if (tag == tags::kPatientId) {
    conditions_.patient_id = exact_text(match);
  } else if (tag == tags::kAccessionNumber) {
    conditions_.accession_number = exact_text(match);
  } else if (tag == tags::kModalitiesInStudy || tag == tags::kModality) {
    std::vector<std::string> modalities;
    for (const std::string_view piece : dicom::split_list(dicom::Vr::CS, match.question())) {
      if (dicom::has_wildcard(piece) || piece == R"("")") return;
      modalities.emplace_back(piece);
    }
    conditions_.modalities = std::move(modalities);
  }
}

}  // namespace pacs::archive
