#include "core/json_text.h"

#include <algorithm>

#include "core/json_writer.h"

namespace pacs {

void append_json_text(std::string& json, std::string_view text) {
  const bool stands_as_it_is = std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c < '\x7f' && c != '"' && c != '\\';
  });
  if (stands_as_it_is) {
    json += '"';
    json += text;
    json += '"';
    return;
  }
  JsonWriter writer;
  writer.string(text);
  json += writer.take();
}

}  // namespace pacs
