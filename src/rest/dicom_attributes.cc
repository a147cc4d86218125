#include "rest/dicom_attributes.h"

#include <optional>
#include <utility>

#include "core/bytes.h"
#include "core/json_value.h"
#include "core/text.h"
#include "dicom/dictionary.h"
#include "dicom/tag.h"

namespace pacs::rest {
namespace {

// Cut between characters, never within one.
std::string shortened(std::string text) {
  if (text.size() <= kAttributeValueBytesMax) return text;
  size_t end = kAttributeValueBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + "…";
}

// A value of the Value array: text, a number, or a person's name by its representations.
std::string value_text(const JsonValue& value) {
  if (const std::string* text = value.as_string()) return *text;
  if (value.is_object()) {
    for (const std::string_view form : {"Alphabetic", "Ideographic", "Phonetic"}) {
      const JsonValue* name = value.find(form);
      if (name != nullptr && name->as_string() != nullptr) return *name->as_string();
    }
    return {};
  }
  return value.is_null() ? std::string() : value.to_json();
}

std::string values_text(const JsonValue& element) {
  if (const JsonValue* binary = element.find("InlineBinary")) {
    const std::string* text = binary->as_string();
    const auto bytes = text == nullptr ? std::nullopt : from_base64(*text);
    return "(" + std::to_string(bytes ? bytes->size() : 0) + " bytes)";
  }
  const JsonValue* values = element.find("Value");
  if (values == nullptr || values->as_array() == nullptr) {
    return element.find("BulkDataURI") != nullptr ? "(not shown: binary data)" : std::string();
  }
  std::string joined;
  for (const JsonValue& value : *values->as_array()) {
    if (&value != values->as_array()->data()) joined += "\\";
    joined += value_text(value);
    if (joined.size() > kAttributeValueBytesMax) break;
  }
  return shortened(std::move(joined));
}

struct RowReader {
  std::vector<AttributeRow> rows;

  [[nodiscard]] bool is_full() const { return rows.size() >= kAttributeRowsMax; }

  void read_data_set(const JsonValue& data_set, size_t depth) {
    if (!data_set.is_object()) return;
    for (const auto& [name, element] : *data_set.as_object()) {
      if (is_full()) return;
      const auto tag = dicom::parse_tag(name);
      if (tag) read_element(*tag, name, element, depth);
    }
  }

  void read_element(dicom::Tag tag, const std::string& digits, const JsonValue& element,
                    size_t depth) {
    const JsonValue* vr = element.find("vr");
    const std::string vr_text =
        vr != nullptr && vr->as_string() != nullptr ? *vr->as_string() : std::string();
    const dicom::DictionaryEntry* entry = dicom::find_dictionary_entry(tag);
    AttributeRow row{.depth = depth,
                     .tag = "(" + digits.substr(0, 4) + "," + digits.substr(4) + ")",
                     .keyword = entry != nullptr ? std::string(entry->keyword) : std::string(),
                     .vr = vr_text,
                     .value = {}};
    if (vr_text != "SQ") {
      row.value = values_text(element);
      rows.push_back(std::move(row));
      return;
    }
    const JsonValue* items = element.find("Value");
    const JsonValue::Array* array = items == nullptr ? nullptr : items->as_array();
    const size_t count = array == nullptr ? 0 : array->size();
    row.value = "(" + std::to_string(count) + (count == 1 ? " item)" : " items)");
    rows.push_back(std::move(row));
    if (array == nullptr || depth >= kAttributeDepthMax) return;
    for (const JsonValue& item : *array) read_data_set(item, depth + 1);
  }
};

}  // namespace

Result<std::vector<AttributeRow>> attribute_rows(std::string_view dicom_json) {
  // An image nests 64 sequences at most, each of which is an element, an array and an item here.
  constexpr size_t kJsonDepthMax = 256;
  const JsonValue value = PACS_TRY(JsonValue::parse(dicom_json, kJsonDepthMax));
  RowReader reader;
  reader.read_data_set(value, 0);
  return std::move(reader.rows);
}

std::string person_name_for_people(std::string_view person_name) {
  // PS3.5 6.2: up to three representations at '=', family, given, middle, prefix, suffix at '^'.
  const std::string_view alphabetic = split(person_name, '=').front();
  const auto components = split(alphabetic, '^');
  std::string name(trim(components.front()));
  std::string rest;
  for (size_t index = 1; index < components.size(); ++index) {
    const std::string_view component = trim(components[index]);
    if (component.empty()) continue;
    if (!rest.empty()) rest += " ";
    rest += component;
  }
  if (name.empty() || rest.empty()) return name + rest;
  return name + ", " + rest;
}

}  // namespace pacs::rest
