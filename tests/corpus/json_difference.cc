#include "tests/corpus/json_difference.h"

#include <cmath>
#include <cstdlib>
#include <set>

#include "core/bytes.h"
#include "core/text.h"
#include "dicom/json_data_set.h"

namespace pacs::testing {
namespace {

std::string show(const JsonValue* value) {
  return value == nullptr ? "(absent)" : value->to_json();
}

// Numbers of FL are the same when they are as 32 bits.
bool same_number(double left, double right) {
  return left == right || static_cast<float>(left) == static_cast<float>(right);
}

std::string without(std::string text, char letter) {
  std::erase(text, letter);
  return text;
}

// All text of a value, but zero bytes: what is left of a value that DCMTK has not trimmed.
bool is_blank(const JsonValue& value) {
  if (value.is_null()) return true;
  if (const std::string* text = value.as_string()) return without(*text, '\0').empty();
  const JsonValue::Array* array = value.as_array();
  if (array == nullptr) return false;
  for (const JsonValue& element : *array) {
    if (!is_blank(element)) return false;
  }
  return true;
}

std::string explain_text(const JsonValue& ours, const std::string& theirs) {
  const std::string trimmed = without(theirs, '\0');
  if (const std::string* text = ours.as_string()) {
    if (*text == trimmed) return "dcm2json keeps zero bytes at the end of text";
    if (without(*text, ' ') == without(theirs, ' ')) {
      return "dcm2json takes spaces off within a person's name";
    }
  }
  if (const auto number = ours.as_double(); number && trimmed != theirs) {
    if (*number == std::strtod(trimmed.c_str(), nullptr)) {
      return "dcm2json does not see a number before a zero byte";
    }
  }
  return {};
}

std::string explain(const std::string& path, const JsonValue* ours, const JsonValue* theirs) {
  if (path.ends_with(".InlineBinary") && ours == nullptr) {
    return "large binary values are a BulkDataURI here";
  }
  if (path.ends_with(".BulkDataURI") && theirs == nullptr) {
    return "large binary values are a BulkDataURI here";
  }
  if (path.ends_with("FFFCFFFC") && ours == nullptr) {
    return "Data Set Trailing Padding has no meaning (PS3.10 7.2)";
  }
  if (path.find("00080005") != std::string::npos && ours != nullptr &&
      ours->as_string() != nullptr && *ours->as_string() == "ISO_IR 192") {
    return "the JSON is UTF-8 throughout, also its items and what was ISO_IR 6 (PS3.18 F.2.1)";
  }
  if (ours == nullptr && theirs != nullptr && path.ends_with(".Value") && is_blank(*theirs)) {
    return "a value of nothing but padding is empty (PS3.5 6.2)";
  }
  if (ours != nullptr && theirs != nullptr && theirs->as_string() != nullptr) {
    return explain_text(*ours, *theirs->as_string());
  }
  return {};
}

const std::string* text_member(const JsonValue& object, std::string_view name) {
  const JsonValue* value = object.find(name);
  return value == nullptr ? nullptr : value->as_string();
}

// An element that dcm2json leaves as UN and that is something else here.
bool is_unknown_there(const JsonValue& ours, const JsonValue& theirs) {
  const std::string* our_vr = text_member(ours, "vr");
  const std::string* their_vr = text_member(theirs, "vr");
  return our_vr != nullptr && their_vr != nullptr && *their_vr == "UN" && *our_vr != "UN";
}

std::string_view without_end(std::string_view bytes) {
  return bytes.substr(0, bytes.find_last_not_of(std::string_view(" \0", 2)) + 1);
}

// The texts of a data set's values in its order; numbers as they are written.
void gather_texts(const JsonValue& node, std::vector<std::string>& texts) {
  if (const std::string* text = node.as_string()) {
    texts.push_back(*text);
  } else if (node.as_double()) {
    texts.push_back(node.to_json());
  } else if (const JsonValue::Array* array = node.as_array()) {
    for (const JsonValue& each : *array) gather_texts(each, texts);
  } else if (const JsonValue::Object* object = node.as_object()) {
    for (const auto& [name, member] : *object) {
      if (name != "vr") gather_texts(member, texts);
    }
  }
}

// Each text stands in the bytes, behind the one before.
bool stand_in_order(const std::vector<std::string>& texts, std::string_view bytes) {
  for (const std::string& text : texts) {
    const size_t at = bytes.find(text);
    if (at == std::string_view::npos) return false;
    bytes.remove_prefix(at + text.size());
  }
  return !texts.empty();
}

bool are_same_numbers(std::string_view ours, std::string_view theirs) {
  const auto left = split(ours, '\\');
  const auto right = split(theirs, '\\');
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (std::strtod(std::string(left[i]).c_str(), nullptr) !=
        std::strtod(std::string(right[i]).c_str(), nullptr)) {
      return false;
    }
  }
  return true;
}

// Right when our values, written by their VR, are the bytes that dcm2json shows.
std::string explain_known(const std::string& path, const JsonValue& ours, const JsonValue& theirs) {
  constexpr const char* kReason =
      "a standard attribute that came as UN has the VR of the dictionary (PS3.5 6.2.2)";
  const std::string* base64 = text_member(theirs, "InlineBinary");
  const auto decoded =
      base64 == nullptr ? ByteVector() : from_base64(*base64).value_or(ByteVector());
  const std::string_view bytes = without_end(as_text(decoded));
  const std::string vr = *text_member(ours, "vr");
  if (vr == "SQ") {
    std::vector<std::string> texts;
    gather_texts(ours, texts);
    return stand_in_order(texts, bytes) ? kReason : "";
  }
  const std::string name = path.substr(path.size() - 8);
  const auto object = JsonValue::parse("{\"" + name + "\":" + ours.to_json() + "}");
  if (!object) return {};
  const auto no_bulk = [](const std::string&) -> Result<dicom::BulkPlace> {
    return not_found("no_bulk", "no bulk data here");
  };
  const auto data_set = dicom::read_json_data_set(*object, no_bulk);
  const auto element = data_set ? data_set->find(*dicom::parse_tag(name)) : std::nullopt;
  if (!element) return {};
  const std::string_view written = without_end(as_text(element->value()));
  const bool is_same =
      written == bytes || ((vr == "DS" || vr == "IS") && are_same_numbers(written, bytes));
  return is_same ? kReason : "";
}

class Comparison {
 public:
  void compare(const std::string& path, const JsonValue* ours, const JsonValue* theirs) {
    if (ours != nullptr && theirs != nullptr) {
      if (ours->as_object() != nullptr && theirs->as_object() != nullptr) {
        return compare_members(path, *ours, *theirs);
      }
      const auto* our_array = ours->as_array();
      const auto* their_array = theirs->as_array();
      if (our_array != nullptr && their_array != nullptr &&
          our_array->size() == their_array->size()) {
        for (size_t i = 0; i < our_array->size(); ++i) {
          compare(path + '.' + std::to_string(i), &(*our_array)[i], &(*their_array)[i]);
        }
        return;
      }
      if (is_same(*ours, *theirs)) return;
    }
    found.push_back({path, show(ours), show(theirs), explain(path, ours, theirs)});
  }

  std::vector<JsonDifference> found;

 private:
  static bool is_same(const JsonValue& ours, const JsonValue& theirs) {
    const auto our_number = ours.as_double();
    const auto their_number = theirs.as_double();
    if (our_number && their_number) return same_number(*our_number, *their_number);
    return ours.to_json() == theirs.to_json();
  }

  void compare_members(const std::string& path, const JsonValue& ours, const JsonValue& theirs) {
    if (is_unknown_there(ours, theirs)) {
      found.push_back({path, ours.to_json(), theirs.to_json(), explain_known(path, ours, theirs)});
      return;
    }
    std::set<std::string> names;
    for (const auto& [name, value] : *ours.as_object()) names.insert(name);
    for (const auto& [name, value] : *theirs.as_object()) names.insert(name);
    for (const std::string& name : names) {
      compare(path.empty() ? name : path + '.' + name, ours.find(name), theirs.find(name));
    }
  }
};

}  // namespace

std::vector<JsonDifference> differences(const JsonValue& ours, const JsonValue& theirs) {
  Comparison comparison;
  comparison.compare("", &ours, &theirs);
  return std::move(comparison.found);
}

}  // namespace pacs::testing
