#include "dicom/readable_text.h"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "dicom/charset.h"
#include "dicom/dictionary.h"
#include "dicom/little_endian.h"
#include "dicom/text_tree.h"

namespace pacs::dicom {
namespace {

constexpr Tag kConceptNameCodeSequence{0x0040, 0xA043};
constexpr Tag kConceptCodeSequence{0x0040, 0xA168};
constexpr Tag kContentSequence{0x0040, 0xA730};
constexpr Tag kContentValueType{0x0040, 0xA040};
constexpr Tag kCodeMeaning{0x0008, 0x0104};
constexpr Tag kMeasuredValueSequence{0x0040, 0xA300};
constexpr Tag kNumericValue{0x0040, 0xA30A};
constexpr Tag kMeasurementUnits{0x0040, 0x08EA};
constexpr Tag kReferencedSopSequence{0x0008, 0x1199};
constexpr Tag kReferencedSopInstance{0x0008, 0x1155};

// A longer value of one attribute is cut.
constexpr size_t kValueShownMax = 64 * 1024;
constexpr size_t kNumbersShownMax = 64;

constexpr std::array<std::pair<Tag, std::string_view>, 9> kHeadLines = {
    {{tags::kPatientName, "Patient"},
     {tags::kPatientId, "Patient ID"},
     {tags::kPatientBirthDate, "Birth date"},
     {tags::kPatientSex, "Sex"},
     {tags::kStudyDate, "Study date"},
     {tags::kStudyDescription, "Study"},
     {tags::kAccessionNumber, "Accession number"},
     {tags::kReferringPhysicianName, "Referring physician"},
     {tags::kInstitutionName, "Institution"}}};

// The attribute of a content item's value by its type (PS3.3 table C.17.3-5).
constexpr std::array<std::pair<std::string_view, Tag>, 7> kValueTags = {
    {{"TEXT", {0x0040, 0xA160}},
     {"DATETIME", {0x0040, 0xA120}},
     {"DATE", {0x0040, 0xA121}},
     {"TIME", {0x0040, 0xA122}},
     {"PNAME", {0x0040, 0xA123}},
     {"UIDREF", {0x0040, 0xA124}},
     {"SCOORD", {0x0070, 0x0023}}}};

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    if (!text.empty()) text += ", ";
    text += value;
    if (text.size() > kValueShownMax) return text.substr(0, kValueShownMax) + "…";
  }
  return text;
}

template <typename Number>
std::string shown_number(Number number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

template <typename Number>
std::vector<std::string> numbers_shown(Bytes value) {
  std::vector<std::string> texts;
  for (size_t at = 0; at + sizeof(Number) <= value.size() && texts.size() < kNumbersShownMax;
       at += sizeof(Number)) {
    texts.push_back(shown_number(load_little_endian<Number>(value.data() + at)));
  }
  return texts;
}

std::vector<std::string> numbers_of_vr(Vr vr, Bytes value) {
  switch (vr) {
    case Vr::US:
      return numbers_shown<uint16_t>(value);
    case Vr::SS:
      return numbers_shown<int16_t>(value);
    case Vr::UL:
      return numbers_shown<uint32_t>(value);
    case Vr::SL:
      return numbers_shown<int32_t>(value);
    case Vr::FL:
      return numbers_shown<float>(value);
    case Vr::FD:
      return numbers_shown<double>(value);
    default:
      return {};
  }
}

// Writes one data set.
class TextWriter {
 public:
  explicit TextWriter(TextTree& tree) : tree_(tree) {}

  void write_head(DataSetView data_set, const CharacterSet& set) {
    for (const auto& [tag, label] : kHeadLines) {
      const std::string value = text_at(data_set, tag, set);
      if (!value.empty()) tree_.line(label, value);
    }
  }

  void write_content(DataSetView item, const CharacterSet& around) {
    if (tree_.is_full()) return;
    const CharacterSet set = CharacterSet::of(item, around);
    std::string name = meaning_in(item, kConceptNameCodeSequence, set);
    const std::string type = text_at(item, kContentValueType, set);
    if (name.empty()) name = type.empty() ? "(reference)" : type;
    tree_.begin_item(name, content_value(item, type, set));
    if (const auto content = item.find(kContentSequence)) {
      for (const DataSetView child : content->items()) write_content(child, set);
    }
    tree_.end_item();
  }

  void write_attributes(DataSetView data_set, const CharacterSet& around) {
    const CharacterSet set = CharacterSet::of(data_set, around);
    for (const ElementView element : data_set) {
      if (tree_.is_full()) return;
      if (element.is_sequence()) {
        write_sequence(element, set);
      } else {
        tree_.line(name_of(element.tag()), value_of(element, set));
      }
    }
  }

 private:
  void write_sequence(const ElementView& element, const CharacterSet& set) {
    tree_.begin_item(name_of(element.tag()), "");
    size_t number = 0;
    for (const DataSetView item : element.items()) {
      if (tree_.is_full()) break;
      tree_.begin_item("Item " + std::to_string(++number), "");
      write_attributes(item, set);
      tree_.end_item();
    }
    tree_.end_item();
  }

  static std::string name_of(Tag tag) {
    const DictionaryEntry* entry = find_dictionary_entry(tag);
    return entry == nullptr || entry->keyword.empty() ? to_string(tag)
                                                      : std::string(entry->keyword);
  }

  static std::string value_of(const ElementView& element, const CharacterSet& set) {
    const Vr vr = element.effective_vr();
    if (element.is_in_memory() && is_text(vr)) {
      return joined(set.values_to_utf8(element.text(), vr));
    }
    if (element.is_in_memory()) {
      const auto numbers = numbers_of_vr(vr, element.value());
      if (!numbers.empty()) return joined(numbers);
    }
    return element.length() ? "(" + std::to_string(*element.length()) + " bytes)" : "(binary)";
  }

  static std::string text_at(DataSetView data_set, Tag tag, const CharacterSet& set) {
    const auto element = data_set.find(tag);
    return element && !element->is_sequence() ? value_of(*element, set) : std::string();
  }

  static std::optional<DataSetView> first_item(DataSetView data_set, Tag tag) {
    const auto element = data_set.find(tag);
    if (!element || !element->is_sequence() || element->item_count() == 0) return std::nullopt;
    return element->item(0);
  }

  static std::string meaning_in(DataSetView data_set, Tag sequence, const CharacterSet& set) {
    const auto code = first_item(data_set, sequence);
    return code ? text_at(*code, kCodeMeaning, CharacterSet::of(*code, set)) : std::string();
  }

  static std::string content_value(DataSetView item, std::string_view type,
                                   const CharacterSet& set) {
    for (const auto& [name, tag] : kValueTags) {
      if (type == name) return text_at(item, tag, set);
    }
    if (type == "CODE") return meaning_in(item, kConceptCodeSequence, set);
    if (type == "NUM") {
      const auto measured = first_item(item, kMeasuredValueSequence);
      if (!measured) return {};
      const std::string unit = meaning_in(*measured, kMeasurementUnits, set);
      return text_at(*measured, kNumericValue, set) + (unit.empty() ? "" : " " + unit);
    }
    const auto reference = first_item(item, kReferencedSopSequence);
    return reference ? text_at(*reference, kReferencedSopInstance, set) : std::string();
  }

  TextTree& tree_;
};

}  // namespace

std::string readable_text(DataSetView data_set, TextForm form) {
  const CharacterSet set = CharacterSet::of(data_set, {});
  const bool is_report = data_set.find(kContentSequence).has_value();
  const auto modality = data_set.find(tags::kModality);
  const std::string kind =
      modality && modality->is_in_memory() ? std::string(modality->text()) : "";
  TextTree tree(form, is_report ? "Structured report" : "DICOM object " + kind);
  TextWriter writer(tree);
  if (is_report) {
    writer.write_head(data_set, set);
    writer.write_content(data_set, set);
  } else {
    writer.write_attributes(data_set, {});
  }
  return tree.finish();
}

}  // namespace pacs::dicom
