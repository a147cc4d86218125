#include "dicomweb/search_parameters.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "core/text.h"
#include "dicom/attribute_path.h"
#include "dicom/time_range.h"

namespace pacs::dicomweb {
namespace {

namespace tags = dicom::tags;
using archive::SearchLevel;
using index::SearchOrdering;
using index::SortDirection;

constexpr std::array<std::pair<dicom::Tag, SearchOrdering>, 6> kSearchOrderings = {{
    {tags::kStudyDate, SearchOrdering::study_date},
    {tags::kPatientName, SearchOrdering::patient_name},
    {tags::kPatientId, SearchOrdering::patient_id},
    {tags::kAccessionNumber, SearchOrdering::accession_number},
    {tags::kStudyDescription, SearchOrdering::study_description},
    {tags::kStudyInstanceUid, SearchOrdering::study_uid},
}};

// Told again to the client, who may have sent anything.
constexpr size_t kNameShownMax = 64;

Error bad_search_parameter(std::string_view name, std::string_view what) {
  return invalid_argument("bad_parameter",
                          std::string(name.substr(0, kNameShownMax)) + " " + std::string(what));
}

// "+0100", the plus as browsers' forms decode it, too; nothing for anything else.
std::optional<std::string> read_zone(std::string_view text) {
  std::string zone(text);
  if (zone.size() == 5 && zone[0] == ' ') zone[0] = '+';
  if (zone.size() == 4) zone.insert(0, 1, '+');
  const bool is_zone = zone.size() == 5 && (zone[0] == '+' || zone[0] == '-') &&
                       dicom::TimeRange::parse(dicom::Vr::DT, "20000101" + zone).has_value();
  if (!is_zone) return std::nullopt;
  return zone;
}

// One end of a question of DT with an offset from UTC: its own, or else that of the search.
std::string in_zone(std::string moment, const std::string& zone) {
  if (moment.empty()) return moment;
  // A plus that was decoded as a space.
  if (moment.size() > 5 && moment[moment.size() - 5] == ' ') moment[moment.size() - 5] = '+';
  const bool has_zone = moment.find_first_of("+-") != std::string::npos;
  return has_zone ? moment : moment + zone;
}

std::string moments_in_zone(const std::string& question, const std::string& zone) {
  const auto ends = dicom::split_range(dicom::Vr::DT, question);
  if (!ends) return in_zone(question, zone);
  return in_zone(ends->from, zone) + "-" + in_zone(ends->to, zone);
}

class SearchParameterReader {
 public:
  explicit SearchParameterReader(SearchLevel level) { result_.query.level = level; }

  Result<SearchParameters> read(const http::QueryParameters& parameters) {
    for (const auto& [name, value] : parameters) {
      if (!PACS_TRY(read_own(name, value))) questions_.emplace_back(name, value);
    }
    if (result_.cursor && seen_.contains("offset")) {
      return bad_search_parameter("offset", "has no place beside a cursor");
    }
    for (const auto& [name, value] : questions_) PACS_TRY(find_zone(name, value));
    for (const auto& [name, value] : questions_) PACS_TRY(read_match(name, value));
    return std::move(result_);
  }

 private:
  // False for what is no parameter of the search itself, and so an attribute.
  Result<bool> read_own(const std::string& name, const std::string& value) {
    const bool may_come_again = name == "includefield" || name == "orderby";
    archive::SearchQuery& query = result_.query;
    if (name == "includefield") {
      read_fields(value);
    } else if (name == "orderby") {
      PACS_TRY(read_orders(value));
    } else if (name == "limit") {
      query.limit = PACS_TRY(read_count(name, value));
    } else if (name == "offset") {
      query.offset = PACS_TRY(read_count(name, value));
    } else if (name == "cursor") {
      result_.cursor = value;
    } else if (name == "fuzzymatching") {
      options_.fuzzy = PACS_TRY(read_switch(name, value));
    } else if (name == "emptyvaluematching") {
      options_.empty_values = PACS_TRY(read_switch(name, value));
    } else if (name == "multiplevaluematching") {
      options_.multiple_values = PACS_TRY(read_switch(name, value));
    } else if (name == "accept") {
      // Read with the field in whose place it stands (model_answer.h).
    } else if (name == "charset") {
      if (!equals_ignoring_case(value, "utf-8")) {
        result_.warnings.emplace_back("The charset parameter is not honoured, answers are UTF-8.");
      }
    } else {
      return false;
    }
    if (!may_come_again && !seen_.insert(name).second) {
      return bad_search_parameter(name, "is there twice");
    }
    return true;
  }

  static Result<uint64_t> read_count(const std::string& name, const std::string& value) {
    const auto count = parse_unsigned(value);
    if (!count) return bad_search_parameter(name, "must be a whole number from 0");
    return *count;
  }

  static Result<bool> read_switch(const std::string& name, const std::string& value) {
    if (value == "true") return true;
    if (value == "false") return false;
    return bad_search_parameter(name, "must be true or false");
  }

  void read_fields(std::string_view value) {
    for (const std::string_view part : split(value, ',')) {
      const std::string_view field = trim(part);
      if (field.empty()) continue;
      if (equals_ignoring_case(field, "all")) {
        result_.fields.all = true;
      } else if (const auto path = dicom::parse_attribute_path(field)) {
        add_field(path->first(), field);
      } else {
        warn_of_field(field, "is no attribute that is known here");
      }
    }
  }

  // PS3.18 10.6.3.3: attributes below the level that is searched are not shown.
  void add_field(dicom::Tag tag, std::string_view name) {
    if (!tag.is_private() && dicom::attribute_level(tag) > result_.query.level) {
      warn_of_field(name, "belongs to a lower level and is not included");
      return;
    }
    show(tag);
  }

  void show(dicom::Tag tag) {
    result_.fields.tags.insert(tag);
    if (tag == tags::kSopClassesInStudy) result_.query.wants_sop_classes = true;
    // Who owns a private attribute (PS3.5 7.8.1) is shown with it.
    if (tag.is_private() && !tag.is_private_creator()) {
      result_.fields.tags.insert({tag.group, static_cast<uint16_t>(tag.element >> 8)});
    }
  }

  void warn_of_field(std::string_view field, std::string_view what) {
    constexpr size_t kWarningsMax = 8;  // they leave in a header
    if (result_.warnings.size() == kWarningsMax || !is_printable(field)) return;
    result_.warnings.push_back("The includefield " + std::string(field.substr(0, kNameShownMax)) +
                               " " + std::string(what) + ".");
  }

  static bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '\\'; });
  }

  Result<void> read_orders(std::string_view value) {
    for (const std::string_view part : split(value, ',')) PACS_TRY(read_order(part));
    return {};
  }

  Result<void> read_order(std::string_view name) {
    SortDirection direction = SortDirection::ascending;
    if (name.starts_with('-')) direction = SortDirection::descending;
    // A plus is decoded as a space.
    if (name.find_first_of("+- ") == 0) name.remove_prefix(1);
    const auto path = dicom::parse_attribute_path(name);
    index::SearchOrder& order = result_.query.order;
    if (path && path->tags.size() == 1) {
      if (path->first() == tags::kSeriesNumber) return order.series_direction = direction, none();
      if (path->first() == tags::kInstanceNumber) return order.image_direction = direction, none();
      for (const auto& [tag, ordering] : kSearchOrderings) {
        if (tag != path->first() || !seen_.insert("orderby").second) continue;
        order.studies = ordering;
        order.direction = direction;
        return {};
      }
    }
    return bad_search_parameter(
        "orderby",
        "must be one of StudyDate, PatientName, PatientID, AccessionNumber, StudyDescription, "
        "StudyInstanceUID, and may be SeriesNumber and InstanceNumber, each with + or -");
  }
  static Result<void> none() { return {}; }

  // It says where the other times are meant, and is not matched itself.
  Result<void> find_zone(const std::string& name, const std::string& value) {
    const auto path = dicom::parse_attribute_path(name);
    if (!path || path->first() != tags::kTimezoneOffsetFromUtc || value.empty()) return {};
    const auto zone = read_zone(value);
    if (!zone) return bad_search_parameter(name, "must be an offset as +0100");
    result_.query.timezone_offset = *zone;
    return {};
  }

  Result<void> read_match(const std::string& name, std::string value) {
    auto path = dicom::parse_attribute_path(name);
    if (!path) {
      return invalid_argument("unknown_attribute",
                              "there is no attribute " + name.substr(0, kNameShownMax) +
                                  "; give its keyword or its tag as 8 hexadecimal digits");
    }
    const dicom::Tag tag = path->first();
    if (tag == tags::kSpecificCharacterSet) return {};  // never matched (PS3.4 C.2.2.2)
    const bool is_shown = tag.is_private() || dicom::attribute_level(tag) <= result_.query.level;
    if (is_shown) show(tag);
    if (tag == tags::kTimezoneOffsetFromUtc) return {};
    if (path->vr() == dicom::Vr::DT) value = moments_in_zone(value, result_.query.timezone_offset);
    auto match = dicom::AttributeMatch::create(std::move(*path), std::move(value), options_);
    if (!match) {
      return invalid_argument(match.error().reason,
                              name.substr(0, kNameShownMax) + ": " + match.error().detail);
    }
    result_.query.matches.push_back(std::move(*match));
    return {};
  }

  SearchParameters result_;
  dicom::MatchOptions options_;
  http::QueryParameters questions_;
  std::set<std::string, std::less<>> seen_;
};

}  // namespace

Result<SearchParameters> read_search_parameters(const http::QueryParameters& parameters,
                                                SearchLevel level) {
  return SearchParameterReader(level).read(parameters);
}

}  // namespace pacs::dicomweb
