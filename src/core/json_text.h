// A text as JSON has it, for who writes JSON by hand where every microsecond counts.
#pragma once

#include <string>
#include <string_view>

namespace pacs {

// Appends it in quotes, as JsonWriter::string() would write it: what is not UTF-8 is replaced.
void append_json_text(std::string& json, std::string_view text);

}  // namespace pacs
