#include "dicomweb/search_json.h"

#include <array>
#include <charconv>
#include <initializer_list>
#include <map>
#include <optional>

#include "archive/search_columns.h"
#include "core/text.h"
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

std::set<Tag> shown_tags(const SearchView& view) {
  std::set<Tag> shown = view.fields.tags;
  shown.insert(tags::kSpecificCharacterSet);
  if (view.level == SearchLevel::study || view.shows_study) shown.insert(kStudyTags);
  if (view.level == SearchLevel::series || view.shows_series) shown.insert(kSeriesTags);
  if (view.level == SearchLevel::instance) shown.insert(kInstanceTags);
  return shown;
}

void write_name(JsonWriter& writer, std::string_view name) {
  constexpr std::array<std::string_view, 3> kGroups = {"Alphabetic", "Ideographic", "Phonetic"};
  const auto groups = split(name, '=');
  writer.begin_object();
  for (size_t i = 0; i < groups.size() && i < kGroups.size(); ++i) {
    if (!groups[i].empty()) writer.member(kGroups[i], std::string(groups[i]));
  }
  writer.end_object();
}

void write_value(JsonWriter& writer, Vr vr, const std::string& text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (vr == Vr::PN) {
    write_name(writer, text);
  } else if ((vr == Vr::IS || vr == Vr::US) && is_whole) {
    writer.number(number);
  } else {
    writer.string(text);
  }
}

void write_values(JsonWriter& writer, Tag tag, Vr vr, const dicom::AttributeTexts& texts) {
  writer.key(to_string(tag));
  writer.begin_object();
  writer.member("vr", to_string(vr));
  if (!texts.empty()) {
    writer.key("Value");
    writer.begin_array();
    for (const std::string& text : texts) write_value(writer, vr, text);
    writer.end_array();
  }
  writer.end_object();
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

void write_element(JsonWriter& writer, Tag tag, std::string_view json) {
  // Inside a text the quotes would be escaped.
  if (json.find(R"("BulkDataURI":)") == std::string_view::npos) {
    writer.key(to_string(tag));
    writer.raw(json);
    return;
  }
  const auto element = dicom::parse_json_element(json);
  if (!element) return;
  writer.key(to_string(tag));
  write_without_bulk(writer, *element);
}

std::string retrieve_url(const SearchHit& hit, std::string_view root) {
  std::string url = std::string(root) + "/studies/" + hit.study.study_uid.to_dicom();
  if (hit.series) url += "/series/" + hit.series->series_uid.to_dicom();
  if (hit.image) url += "/instances/" + hit.image->image_uid;
  return url;
}

using Elements = std::map<Tag, std::string_view>;

// Those of the data set that are shown.
Elements elements_of(const SearchHit& hit, const SearchView& view, const std::set<Tag>& shown) {
  Elements elements;
  dicom::for_each_json_element(hit.metadata, [&](Tag tag, std::string_view json) {
    const bool is_wanted = tag == tags::kTimezoneOffsetFromUtc || shown.contains(tag) ||
                           (view.fields.all && dicom::attribute_level(tag) <= view.level);
    if (is_wanted) elements.emplace(tag, json);
    return true;
  });
  return elements;
}

void write_shown(JsonWriter& writer, Tag tag, const SearchHit& hit, const SearchView& view,
                 const Elements& elements) {
  const auto element = elements.find(tag);
  if (tag == tags::kSpecificCharacterSet) {
    write_values(writer, tag, Vr::CS, {"ISO_IR 192"});
  } else if (tag == tags::kRetrieveUrl) {
    write_values(writer, tag, Vr::UR, {retrieve_url(hit, view.root)});
  } else if (const auto values = column_values(hit, tag)) {
    write_values(writer, tag, values->vr, values->texts);
  } else if (element != elements.end()) {
    write_element(writer, tag, element->second);
  } else if (!tag.is_private()) {
    write_values(writer, tag, dicom::dictionary_vr(tag), {});
  }
}

}  // namespace

void write_search_hit(JsonWriter& writer, const SearchHit& hit, const SearchView& view) {
  std::set<Tag> shown = shown_tags(view);
  const Elements elements = elements_of(hit, view, shown);
  for (const auto& [tag, json] : elements) shown.insert(tag);
  writer.begin_object();
  for (const Tag tag : shown) write_shown(writer, tag, hit, view, elements);
  writer.end_object();
}

}  // namespace pacs::dicomweb
