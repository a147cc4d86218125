#include "dicom/json_elements.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/bytes.h"
#include "core/text.h"

namespace pacs::dicom {
namespace {

// A data set nests 64 sequences deep, and each is an object, an array and an object of JSON.
constexpr size_t kJsonElementDepthMax = 256;

// Behind the text in quotes that begins at `place`.
size_t end_of_string(std::string_view json, size_t place) {
  const size_t quote = json.find('"', place + 1);
  if (quote == std::string_view::npos) return json.size();
  if (json[quote - 1] != '\\') return quote + 1;
  for (++place; place < json.size(); ++place) {
    if (json[place] == '\\') {
      ++place;
    } else if (json[place] == '"') {
      return place + 1;
    }
  }
  return json.size();
}

// Behind the object, array, text or number that begins at `place`.
size_t end_of_value(std::string_view json, size_t place) {
  size_t depth = 0;
  while (place < json.size()) {
    const char letter = json[place];
    if (letter == '"') {
      place = end_of_string(json, place);
      if (depth == 0) return place;
      continue;
    }
    if (letter == '{' || letter == '[') {
      ++depth;
    } else if (letter == '}' || letter == ']') {
      if (depth == 0) return place;
      if (--depth == 0) return place + 1;
    } else if (letter == ',' && depth == 0) {
      return place;
    }
    ++place;
  }
  return json.size();
}

std::string text_of_name(const JsonValue& name) {
  constexpr std::array<std::string_view, 3> kGroups = {"Alphabetic", "Ideographic", "Phonetic"};
  std::string text;
  std::string delimiters;
  for (const std::string_view group : kGroups) {
    const JsonValue* value = name.find(group);
    const std::string* part = value == nullptr ? nullptr : value->as_string();
    if (part != nullptr && !part->empty()) {
      text += std::exchange(delimiters, "");
      text += *part;
    }
    delimiters += '=';
  }
  return text;
}

std::string text_of(const JsonValue& value) {
  if (const std::string* text = value.as_string()) return *text;
  if (value.is_object()) return text_of_name(value);
  if (value.is_null()) return {};
  // Whole numbers, also beyond 63 bits, and others in their shortest form.
  return value.to_json();
}

// Bytes of which nobody knows the VR, as private elements of implicit data sets have them, when
// they read as text.
std::optional<std::string> text_of_bytes(const JsonValue& element) {
  const JsonValue* binary = element.find("InlineBinary");
  const std::string* base64 = binary == nullptr ? nullptr : binary->as_string();
  const auto bytes = base64 == nullptr ? std::nullopt : from_base64(*base64);
  if (!bytes) return std::nullopt;
  std::string_view text = as_text(*bytes);
  text = text.substr(0, text.find_last_not_of(std::string_view(" \0", 2)) + 1);
  const bool has_controls = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  if (text.empty() || has_controls || !is_utf8(text)) return std::nullopt;
  return std::string(text);
}

}  // namespace

void for_each_json_element(std::string_view data_set,
                           const std::function<bool(Tag, std::string_view)>& visit) {
  size_t place = data_set.find('{');
  while (place < data_set.size()) {
    const size_t name = data_set.find('"', place);
    if (name == std::string_view::npos) return;
    const size_t name_end = end_of_string(data_set, name);
    const size_t colon = data_set.find(':', name_end);
    if (colon == std::string_view::npos) return;
    const size_t end = end_of_value(data_set, colon + 1);
    const auto tag = parse_tag(data_set.substr(name + 1, name_end - name - 2));
    if (tag && !visit(*tag, data_set.substr(colon + 1, end - colon - 1))) return;
    place = end;
  }
}

std::optional<std::string_view> find_json_element(std::string_view data_set, Tag tag) {
  std::optional<std::string_view> found;
  for_each_json_element(data_set, [&](Tag each, std::string_view json) {
    if (each == tag) found = json;
    return !found;
  });
  return found;
}

AttributeValues values_of(const JsonValue& element) {
  AttributeValues values;
  const JsonValue* vr = element.find("vr");
  const std::string* letters = vr == nullptr ? nullptr : vr->as_string();
  if (letters != nullptr) values.vr = parse_vr(*letters).value_or(Vr::UN);
  if (values.vr == Vr::UN) {
    const auto text = text_of_bytes(element);
    if (text) return {Vr::LO, {*text}};
  }
  const JsonValue* value = element.find("Value");
  const JsonValue::Array* array = value == nullptr ? nullptr : value->as_array();
  if (array == nullptr || values.vr == Vr::SQ) return values;
  for (const JsonValue& each : *array) values.texts.push_back(text_of(each));
  return values;
}

std::optional<JsonValue> parse_json_element(std::string_view json) {
  auto parsed = JsonValue::parse(json, kJsonElementDepthMax);
  if (!parsed) return std::nullopt;
  return std::move(*parsed);
}

}  // namespace pacs::dicom
