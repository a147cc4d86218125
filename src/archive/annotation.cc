#include "archive/annotation.h"

#include <array>
#include <string_view>
#include <utility>

#include "dicom/charset.h"

namespace pacs::archive {
namespace {

using dicom::Tag;

struct TechniqueValue {
  Tag tag;
  std::string_view label;
  std::string_view unit;
};

constexpr std::array<TechniqueValue, 8> kTechniqueValues = {{{{0x0018, 0x0060}, "", " kV"},
                                                             {{0x0018, 0x1151}, "", " mA"},
                                                             {{0x0018, 0x1152}, "", " mAs"},
                                                             {{0x0018, 0x0080}, "TR ", " ms"},
                                                             {{0x0018, 0x0081}, "TE ", " ms"},
                                                             {{0x0018, 0x0050}, "slice ", " mm"},
                                                             {{0x0020, 0x1041}, "at ", " mm"},
                                                             {{0x0018, 0x5101}, "view ", ""}}};

// The first value, decoded.
std::string shown_value(dicom::DataSetView data_set, Tag tag) {
  const auto element = data_set.find(tag);
  if (!element || !element->is_in_memory()) return {};
  const auto set = dicom::CharacterSet::of(data_set, {});
  const auto values = set.values_to_utf8(element->text(), element->effective_vr());
  return values.empty() ? std::string() : values.front();
}

// Of a person's name what Latin letters say, its parts with spaces: "Doe John".
std::string shown_name(std::string name) {
  name = name.substr(0, name.find('='));
  for (char& character : name) {
    if (character == '^') character = ' ';
  }
  return name;
}

void add_line(std::vector<std::string>& lines, std::string line) {
  if (!line.empty()) lines.push_back(std::move(line));
}

std::string joined_by_space(std::string left, const std::string& right) {
  if (left.empty() || right.empty()) return left + right;
  return left + " " + right;
}

}  // namespace

std::vector<std::string> patient_lines(dicom::DataSetView data_set) {
  namespace tags = dicom::tags;
  std::vector<std::string> lines;
  add_line(lines, shown_name(shown_value(data_set, tags::kPatientName)));
  add_line(lines, shown_value(data_set, tags::kPatientId));
  add_line(lines, joined_by_space(shown_value(data_set, tags::kPatientBirthDate),
                                  shown_value(data_set, tags::kPatientSex)));
  add_line(lines, shown_value(data_set, tags::kInstitutionName));
  return lines;
}

std::vector<std::string> technique_lines(dicom::DataSetView data_set, size_t frame,
                                         size_t frame_count) {
  namespace tags = dicom::tags;
  std::vector<std::string> lines;
  add_line(lines, joined_by_space(shown_value(data_set, tags::kModality),
                                  shown_value(data_set, tags::kStudyDate)));
  add_line(lines, shown_value(data_set, tags::kSeriesDescription));
  std::string values;
  for (const auto& [tag, label, unit] : kTechniqueValues) {
    const std::string value = shown_value(data_set, tag);
    if (value.empty()) continue;
    values = joined_by_space(std::move(values), std::string(label) + value + std::string(unit));
  }
  add_line(lines, std::move(values));
  if (frame_count > 1) {
    lines.push_back("frame " + std::to_string(frame + 1) + " of " + std::to_string(frame_count));
  }
  return lines;
}

}  // namespace pacs::archive
