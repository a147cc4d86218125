// JSON text of clients: what is taken can be written and is read again as the same, and is nested
// no deeper than the limit.
#include <algorithm>

#include "core/json_value.h"
#include "core/text.h"
#include "tests/fuzz/fuzz_input.h"

namespace {

using pacs::JsonValue;

size_t depth_of(const JsonValue& value) {  // NOLINT(misc-no-recursion): the parser has a limit
  size_t deepest = 0;
  if (const auto* array = value.as_array()) {
    for (const JsonValue& item : *array) deepest = std::max(deepest, depth_of(item));
    return deepest + 1;
  }
  if (const auto* object = value.as_object()) {
    for (const auto& [name, member] : *object) {
      FUZZ_CHECK(pacs::is_utf8(name));
      FUZZ_CHECK(value.find(name) == &member);  // no name twice
      deepest = std::max(deepest, depth_of(member));
    }
    return deepest + 1;
  }
  if (const auto* text = value.as_string()) FUZZ_CHECK(pacs::is_utf8(*text));
  return 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = pacs::fuzz::Input(data, size).rest();
  const auto value = JsonValue::parse(text);
  if (!value) return 0;
  FUZZ_CHECK(depth_of(*value) <= JsonValue::kDepthMax);
  const std::string written = value->to_json();
  const auto again = JsonValue::parse(written);
  FUZZ_CHECK(again.has_value());
  FUZZ_CHECK(again->to_json() == written);
  return 0;
}
