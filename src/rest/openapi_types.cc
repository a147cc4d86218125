#include "rest/openapi_types.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/assert.h"
#include "core/text.h"
#include "rest/body_fields.h"

namespace pacs::rest {
namespace {

struct BasicType {
  std::string_view type;
  std::string_view format;
  std::string_view pattern;
};

const std::map<std::string_view, BasicType>& basic_types() {
  static const auto* const types = new std::map<std::string_view, BasicType>{
      {"string", {"string", "", ""}},
      {"integer", {"integer", "", ""}},
      {"number", {"number", "", ""}},
      {"boolean", {"boolean", "", ""}},
      {"object", {"object", "", ""}},
      {"null", {"null", "", ""}},
      {"file", {"string", "binary", ""}},
      {"uuid", {"string", "uuid", ""}},
      {"url", {"string", "uri-reference", ""}},
      {"date", {"string", "date", ""}},
      {"time", {"string", "date-time", ""}},
      {"sha256", {"string", "", "^[0-9A-Fa-f]{64}$"}},
      // A DICOM UID or a UUID.
      {"uid",
       {"string", "", "^([0-9.]{1,64}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$"}},
  };
  return *types;
}

bool is_schema_name(std::string_view word) {
  const auto schemas = schema_documents();
  return std::any_of(schemas.begin(), schemas.end(),
                     [&](const SchemaDocument& schema) { return schema.name == word; });
}

void write_reference(JsonWriter& writer, std::string_view name) {
  writer.begin_object();
  writer.member("$ref", "#/components/schemas/" + std::string(name));
  writer.end_object();
}

void write_basic(JsonWriter& writer, const BasicType& basic, bool nullable) {
  writer.begin_object();
  writer.key("type");
  if (nullable) {
    writer.begin_array();
    writer.string(basic.type);
    writer.string("null");
    writer.end_array();
  } else {
    writer.string(basic.type);
  }
  if (!basic.format.empty()) writer.member("format", basic.format);
  if (!basic.pattern.empty()) writer.member("pattern", basic.pattern);
  writer.end_object();
}

// A number, or its digits as text.
void write_order_type(JsonWriter& writer, bool nullable) {
  writer.begin_object();
  writer.key("type");
  writer.begin_array();
  writer.string("integer");
  writer.string("string");
  if (nullable) writer.string("null");
  writer.end_array();
  writer.member("minimum", 1);
  writer.member("maximum", kIntegerMax);
  writer.member("pattern", "^[0-9]+$");
  writer.end_object();
}

// "A|B": schemas to choose from, or words.
void write_choice(JsonWriter& writer, std::string_view type) {
  const auto members = split(type, '|');
  const bool has_schema = std::any_of(members.begin(), members.end(), [](std::string_view member) {
    return member.starts_with('[') || is_schema_name(member);
  });
  writer.begin_object();
  writer.key(has_schema ? "oneOf" : "enum");
  writer.begin_array();
  for (const std::string_view member : members) {
    if (has_schema) {
      write_type(writer, member);
    } else {
      writer.string(member);
    }
  }
  writer.end_array();
  writer.end_object();
}

void write_array(JsonWriter& writer, std::string_view item) {
  writer.begin_object();
  writer.member("type", "array");
  writer.key("items");
  write_type(writer, item);
  writer.end_object();
}

struct Field {
  std::string_view name;
  std::string_view type;
  bool may_be_absent = false;
};

Field parse_field(std::string_view word) {
  const size_t colon = word.find(':');
  PACS_ASSERT(colon != std::string_view::npos);
  Field field{word.substr(0, colon), word.substr(colon + 1), false};
  if (field.type.ends_with('*')) {
    field.may_be_absent = true;
    field.type.remove_suffix(1);
  }
  return field;
}

}  // namespace

void write_type(JsonWriter& writer, std::string_view type) {
  const bool nullable = type.ends_with('?');
  if (nullable) type.remove_suffix(1);
  if (type == "order") return write_order_type(writer, nullable);
  if (const auto basic = basic_types().find(type); basic != basic_types().end()) {
    return write_basic(writer, basic->second, nullable);
  }
  if (type.starts_with('[') && type.ends_with(']') && type.find('[', 1) == type.npos) {
    return write_array(writer, type.substr(1, type.size() - 2));
  }
  if (nullable) {
    writer.begin_object();
    writer.key("oneOf");
    writer.begin_array();
    write_type(writer, type);
    write_basic(writer, {"null", "", ""}, false);
    writer.end_array();
    writer.end_object();
    return;
  }
  if (is_schema_name(type)) return write_reference(writer, type);
  // One word of its own is a constant; anything that looks like a schema must be one.
  PACS_ASSERT(type.find('|') != type.npos || to_lower(type) == type);
  write_choice(writer, type);
}

void write_schema(JsonWriter& writer, const SchemaDocument& schema) {
  std::vector<Field> fields;
  for (const std::string_view word : split(schema.fields, ' ')) {
    if (!word.empty()) fields.push_back(parse_field(word));
  }
  writer.begin_object();
  writer.member("type", "object");
  writer.member("description", schema.summary);
  writer.key("required");
  writer.begin_array();
  for (const Field& field : fields) {
    if (!field.may_be_absent) writer.string(field.name);
  }
  writer.end_array();
  writer.key("properties");
  writer.begin_object();
  for (const Field& field : fields) {
    writer.key(field.name);
    write_type(writer, field.type);
  }
  writer.end_object();
  writer.end_object();
}

}  // namespace pacs::rest
