#include "dicomweb/search_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "archive/search_columns.h"
#include "core/json_text.h"
#include "core/json_writer.h"
#include "dicom/dictionary.h"
#include "dicom/json_elements.h"

namespace pacs::dicomweb {
namespace {

namespace tags = dicom::tags;
using archive::SearchHit;
using archive::SearchLevel;
using dicom::Tag;
using dicom::Vr;

// Tables 10.6.3-3 to 10.6.3-5; what is there when it is known, Timezone Offset From UTC, is apart.
constexpr std::initializer_list<Tag> kStudyTags = {
    tags::kStudyDate,
    tags::kStudyTime,
    tags::kAccessionNumber,
    tags::kInstanceAvailability,
    tags::kModalitiesInStudy,
    tags::kReferringPhysicianName,
    tags::kRetrieveUrl,
    tags::kPatientName,
    tags::kPatientId,
    tags::kPatientBirthDate,
    tags::kPatientSex,
    tags::kStudyInstanceUid,
    tags::kStudyId,
    tags::kNumberOfStudyRelatedSeries,
    tags::kNumberOfStudyRelatedInstances,
};
constexpr std::initializer_list<Tag> kSeriesTags = {
    tags::kInstanceAvailability,
    tags::kModality,
    tags::kSeriesDescription,
    tags::kRetrieveUrl,
    tags::kStudyInstanceUid,
    tags::kSeriesInstanceUid,
    tags::kSeriesNumber,
    tags::kNumberOfSeriesRelatedInstances,
    {0x0040, 0x0244},  // Performed Procedure Step Start Date
    {0x0040, 0x0245},  // and Time
    {0x0040, 0x0275},  // Request Attributes Sequence
};
constexpr std::initializer_list<Tag> kInstanceTags = {
    tags::kSopClassUid,
    tags::kSopInstanceUid,
    tags::kInstanceAvailability,
    tags::kRetrieveUrl,
    tags::kAvailableTransferSyntaxUid,
    tags::kStudyInstanceUid,
    tags::kSeriesInstanceUid,
    tags::kInstanceNumber,
    tags::kNumberOfFrames,
    tags::kRows,
    tags::kColumns,
    tags::kBitsAllocated,
};

// In order, each once.
std::vector<Tag> shown_tags(const SearchView& view) {
  std::vector<Tag> shown(view.fields.tags.begin(), view.fields.tags.end());
  const auto add = [&shown](std::initializer_list<Tag> tags) {
    shown.insert(shown.end(), tags.begin(), tags.end());
  };
  add({tags::kSpecificCharacterSet, tags::kTimezoneOffsetFromUtc});
  if (view.level == SearchLevel::study || view.shows_study) add(kStudyTags);
  if (view.level == SearchLevel::series || view.shows_series) add(kSeriesTags);
  if (view.level == SearchLevel::instance) add(kInstanceTags);
  std::sort(shown.begin(), shown.end());
  shown.erase(std::unique(shown.begin(), shown.end()), shown.end());
  return shown;
}

std::array<char, 22> beginning_of(Tag tag, Vr vr) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::array<char, 22> text{};
  std::string_view(R"(,"00000000":{"vr":"??")").copy(text.data(), text.size());
  for (size_t i = 0; i < 8; ++i) text[2 + i] = kDigits[tag.number() >> (28 - 4 * i) & 0xfU];
  to_string(vr).copy(text.data() + 19, 2);
  return text;
}

void append_name(std::string& json, std::string_view name) {
  constexpr std::array<std::string_view, 3> kGroups = {
      "\"Alphabetic\":", "\"Ideographic\":", "\"Phonetic\":"};
  json += '{';
  for (const std::string_view group : kGroups) {
    const size_t end = std::min(name.find('='), name.size());
    if (end > 0) {
      if (json.back() != '{') json += ',';
      json += group;
      append_json_text(json, name.substr(0, end));
    }
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  json += '}';
}

void append_value(std::string& json, Vr vr, const std::string& text) {
  if (vr == Vr::PN) return append_name(json, text);
  if (vr == Vr::IS || vr == Vr::US) {
    int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_whole = error == std::errc() && end == text.data() + text.size();
    if (is_whole) {
      json += std::to_string(number);
      return;
    }
  }
  append_json_text(json, text);
}

// Where the bytes of a value are is told by the metadata of the instance, not by a search.
void write_without_bulk(JsonWriter& writer, const JsonValue& value) {
  if (const JsonValue::Object* object = value.as_object()) {
    writer.begin_object();
    for (const auto& [name, member] : *object) {
      if (name == "BulkDataURI") continue;
      writer.key(name);
      write_without_bulk(writer, member);
    }
    writer.end_object();
  } else if (const JsonValue::Array* array = value.as_array()) {
    writer.begin_array();
    for (const JsonValue& item : *array) write_without_bulk(writer, item);
    writer.end_array();
  } else {
    writer.raw(value.to_json());
  }
}

void append_element(std::string& json, std::string_view name, std::string_view element) {
  // Inside a text the quotes would be escaped.
  if (element.find(R"("BulkDataURI":)") == std::string_view::npos) {
    json.append(name).append(element);
    return;
  }
  const auto tree = dicom::parse_json_element(element);
  if (!tree) return;
  JsonWriter writer;
  write_without_bulk(writer, *tree);
  json.append(name).append(writer.take());
}

void append_values(std::string& json, std::string_view beginning, Vr vr,
                   const dicom::AttributeTexts& texts) {
  json += beginning;
  if (!texts.empty()) {
    std::string_view separator = ",\"Value\":[";
    for (const std::string& text : texts) {
      json += std::exchange(separator, ",");
      append_value(json, vr, text);
    }
    json += ']';
  }
  json += '}';
}

std::string retrieve_url(const SearchHit& hit, std::string_view root) {
  std::string url = std::string(root) + "/studies/" + hit.study.study_uid.to_dicom();
  if (hit.series) url += "/series/" + hit.series->series_uid.to_dicom();
  if (hit.image) url += "/instances/" + hit.image->image_uid;
  return url;
}

}  // namespace

SearchHitWriter::SearchHitWriter(SearchView view) : view_(std::move(view)) {
  const std::vector<Tag> shown = shown_tags(view_);
  shown_.reserve(shown.size());
  for (const Tag tag : shown) {
    const Vr vr = tag == tags::kRetrieveUrl ? Vr::UR : dicom::dictionary_vr(tag);
    // Tables 10.6.3-3 to 10.6.3-5 ask for all else, empty where it is not known.
    const bool is_asked_for =
        tag != tags::kTimezoneOffsetFromUtc || view_.fields.tags.contains(tag);
    shown_.push_back({.tag = tag,
                      .vr = vr,
                      .is_shown_empty = !tag.is_private() && is_asked_for,
                      .has_column = archive::column_level(tag).has_value(),
                      .text = beginning_of(tag, vr),
                      .element = {}});
  }
}

void SearchHitWriter::write(std::string& json, const SearchHit& hit) {
  find_elements(hit.metadata);
  const size_t start = json.size();
  auto other = others_.begin();
  const auto write_others_before = [&](const Shown* shown) {
    for (; other != others_.end() && (shown == nullptr || other->first < shown->tag); ++other) {
      append_element(json, ",\"" + to_string(other->first) + "\":", other->second);
    }
  };
  for (const Shown& shown : shown_) {
    write_others_before(&shown);
    write_shown(json, shown, hit);
  }
  write_others_before(nullptr);
  json[start] = '{';  // in the place of the first comma
  json += '}';
}

void SearchHitWriter::find_elements(std::string_view metadata) {
  for (Shown& shown : shown_) shown.element = {};
  others_.clear();
  // A data set is in the order of its tags, but for those that are broken.
  auto next = shown_.begin();
  dicom::for_each_json_element(metadata, [&](Tag tag, std::string_view json) {
    if (next == shown_.end() || tag < next->tag) next = shown_.begin();
    while (next != shown_.end() && next->tag < tag) ++next;
    if (next != shown_.end() && next->tag == tag) {
      if (next->element.empty()) next->element = json;
    } else if (view_.fields.all && dicom::attribute_level(tag) <= view_.level) {
      others_.emplace_back(tag, json);
    }
    return true;
  });
  const auto by_tag = [](const auto& left, const auto& right) { return left.first < right.first; };
  std::stable_sort(others_.begin(), others_.end(), by_tag);
  const auto same_tag = [](const auto& left, const auto& right) {
    return left.first == right.first;
  };
  others_.erase(std::unique(others_.begin(), others_.end(), same_tag), others_.end());
}

void SearchHitWriter::write_shown(std::string& json, const Shown& shown,
                                  const SearchHit& hit) const {
  if (shown.tag == tags::kSpecificCharacterSet) {
    append_values(json, shown.beginning(), shown.vr, {"ISO_IR 192"});
  } else if (shown.tag == tags::kRetrieveUrl) {
    append_values(json, shown.beginning(), shown.vr, {retrieve_url(hit, view_.root)});
  } else if (const auto values =
                 shown.has_column ? archive::column_values(hit, shown.tag) : std::nullopt) {
    append_values(json, shown.beginning(), shown.vr, values->texts);
  } else if (!shown.element.empty()) {
    append_element(json, shown.name(), shown.element);
  } else if (shown.is_shown_empty) {
    append_values(json, shown.beginning(), shown.vr, {});
  }
}

}  // namespace pacs::dicomweb
