// The short words for types of openapi.h as JSON Schema (draft 2020-12).
#pragma once

#include <string_view>

#include "core/json_writer.h"
#include "rest/openapi.h"

namespace pacs::rest {

// "uuid", "integer?", "[Study]", "StudyList|[Study]", …
void write_type(JsonWriter& writer, std::string_view type);
// A whole object schema.
void write_schema(JsonWriter& writer, const SchemaDocument& schema);

}  // namespace pacs::rest
