#include "index/canonical_json.h"

#include <algorithm>
#include <vector>

#include "core/json_value.h"
#include "core/json_writer.h"

namespace pacs::index {
namespace {

// The depth is bounded by the parser (JsonValue::kDepthMax).
void write(JsonWriter& writer, const JsonValue& value) {
  if (const auto* array = value.as_array()) {
    writer.begin_array();
    for (const JsonValue& element : *array) write(writer, element);
    writer.end_array();
  } else if (const auto* object = value.as_object()) {
    std::vector<const std::pair<std::string, JsonValue>*> members;
    for (const auto& member : *object) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* left, const auto* right) { return left->first < right->first; });
    writer.begin_object();
    for (const auto* member : members) {
      writer.key(member->first);
      write(writer, member->second);
    }
    writer.end_object();
  } else {
    writer.raw(value.to_json());
  }
}

}  // namespace

std::string canonical_json(std::string_view text) {
  const Result<JsonValue> parsed = JsonValue::parse(text);
  if (!parsed) return std::string(text);
  JsonWriter writer;
  write(writer, *parsed);
  return writer.take();
}

}  // namespace pacs::index
