#include "core/json_value.h"

#include <limits>
#include <unordered_set>

#include <simdjson.h>

#include "core/json_writer.h"

namespace pacs {

struct JsonTreeBuilder {
  static Result<JsonValue> build(const simdjson::dom::element& element) {
    JsonValue value;
    switch (element.type()) {
      case simdjson::dom::element_type::NULL_VALUE:
        break;
      case simdjson::dom::element_type::BOOL:
        value.content_ = bool(element.get_bool().value_unsafe());
        break;
      case simdjson::dom::element_type::INT64:
        value.content_ = int64_t{element.get_int64().value_unsafe()};
        break;
      case simdjson::dom::element_type::UINT64:
        value.content_ = uint64_t{element.get_uint64().value_unsafe()};
        break;
      case simdjson::dom::element_type::DOUBLE:
        value.content_ = double{element.get_double().value_unsafe()};
        break;
      case simdjson::dom::element_type::STRING:
        value.content_ = std::string(element.get_string().value_unsafe());
        break;
      case simdjson::dom::element_type::ARRAY: {
        JsonValue::Array items;
        const simdjson::dom::array array = element.get_array().value_unsafe();
        for (const auto item : array) {
          items.push_back(PACS_TRY(build(item)));
        }
        value.content_ = std::move(items);
        break;
      }
      case simdjson::dom::element_type::OBJECT:
        value.content_ = PACS_TRY(build_object(element.get_object().value_unsafe()));
        break;
    }
    return value;
  }

  static Result<JsonValue::Object> build_object(const simdjson::dom::object& object) {
    JsonValue::Object members;
    // Comparing each with each would take a minute for a megabyte of small members.
    std::unordered_set<std::string_view> names;
    for (const auto field : object) {
      if (!names.insert(field.key).second) {
        return invalid_argument("bad_json", "a member of a JSON object is named twice");
      }
      members.emplace_back(std::string(field.key), PACS_TRY(build(field.value)));
    }
    return members;
  }

  static void write(const JsonValue& value, JsonWriter& json) {
    if (const auto* array = value.as_array()) {
      json.begin_array();
      for (const JsonValue& item : *array) write(item, json);
      json.end_array();
    } else if (const auto* object = value.as_object()) {
      json.begin_object();
      for (const auto& [name, member] : *object) {
        json.key(name);
        write(member, json);
      }
      json.end_object();
    } else if (const auto* text = value.as_string()) {
      json.string(*text);
    } else if (const auto* truth = value.as_bool()) {
      json.boolean(*truth);
    } else if (const auto* whole = std::get_if<int64_t>(&value.content_)) {
      json.number(*whole);
    } else if (const auto* large = std::get_if<uint64_t>(&value.content_)) {
      json.number(*large);
    } else if (const auto* real = std::get_if<double>(&value.content_)) {
      json.number(*real);
    } else {
      json.null();
    }
  }
};

Result<JsonValue> JsonValue::parse(std::string_view text, size_t depth_max) {
  simdjson::dom::parser parser;
  // simdjson 3.0 counts the root too.
  if (parser.allocate(text.size() + 1, depth_max) != simdjson::SUCCESS) {
    return resource_exhausted("no_memory", "there is no memory to read the JSON text");
  }
  const simdjson::padded_string padded(text);
  const auto document = parser.parse(padded);
  // Ours to mend, not the sender's: a client that is told "bad JSON" does not try again.
  if (padded.data() == nullptr || document.error() == simdjson::MEMALLOC) {
    return resource_exhausted("no_memory", "there is no memory to read the JSON text");
  }
  if (document.error() != simdjson::SUCCESS) {
    return invalid_argument("bad_json", std::string("the body is not valid JSON: ") +
                                            simdjson::error_message(document.error()));
  }
  return JsonTreeBuilder::build(document.value_unsafe());
}

std::optional<int64_t> JsonValue::as_int64() const {
  if (const auto* whole = std::get_if<int64_t>(&content_)) return *whole;
  return std::nullopt;
}

std::optional<double> JsonValue::as_double() const {
  if (const auto* whole = std::get_if<int64_t>(&content_)) return static_cast<double>(*whole);
  if (const auto* large = std::get_if<uint64_t>(&content_)) return static_cast<double>(*large);
  if (const auto* real = std::get_if<double>(&content_)) return *real;
  return std::nullopt;
}

const JsonValue* JsonValue::find(std::string_view name) const {
  if (const Object* object = as_object()) {
    for (const auto& [member_name, member] : *object) {
      if (member_name == name) return &member;
    }
  }
  return nullptr;
}

std::string JsonValue::to_json() const {
  JsonWriter json;
  JsonTreeBuilder::write(*this, json);
  return json.take();
}

}  // namespace pacs
