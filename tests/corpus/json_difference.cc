#include "tests/corpus/json_difference.h"

#include <cmath>
#include <cstdlib>
#include <set>

#include "core/text.h"

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
