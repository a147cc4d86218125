#include "dicomweb/search_cursor.h"

#include <optional>

#include "core/bytes.h"
#include "core/json_value.h"
#include "core/json_writer.h"
#include "edge/page_cursor.h"

namespace pacs::dicomweb {
namespace {

using index::SearchPosition;

template <typename Place>
void write_place(JsonWriter& writer, const Place& place) {
  if (place.number) {
    writer.number(*place.number);
  } else {
    writer.null();
  }
  writer.number(place.id);
}

// Number and id from `at` on.
template <typename Place>
std::optional<Place> read_place(const JsonValue::Array& members, size_t at) {
  const auto id = members[at + 1].as_int64();
  const auto number = members[at].as_int64();
  if (!id || (!number && !members[at].is_null())) return std::nullopt;
  return Place{number, *id};
}

}  // namespace

std::string write_search_position(const SearchPosition& position) {
  JsonWriter writer;
  writer.begin_array();
  writer.string(to_base64url(as_bytes(position.study_key)));  // may hold any byte
  writer.number(position.study_id);
  if (position.series) write_place(writer, *position.series);
  if (position.image) write_place(writer, *position.image);
  writer.end_array();
  return writer.take();
}

Result<SearchPosition> read_search_position(std::string_view text, archive::SearchLevel level) {
  const size_t members_wanted = 2 + 2 * static_cast<size_t>(level);
  const auto value = JsonValue::parse(text);
  const JsonValue::Array* members = value ? value->as_array() : nullptr;
  if (members == nullptr || members->size() != members_wanted) return edge::bad_page_cursor();
  const std::string* key = (*members)[0].as_string();
  const auto key_bytes = key == nullptr ? std::nullopt : from_base64url(*key);
  const auto study_id = (*members)[1].as_int64();
  if (!key_bytes || !study_id) return edge::bad_page_cursor();
  SearchPosition position{std::string(as_text(*key_bytes)), *study_id};
  if (level != archive::SearchLevel::study) {
    position.series = read_place<SearchPosition::Series>(*members, 2);
    if (!position.series) return edge::bad_page_cursor();
  }
  if (level == archive::SearchLevel::instance) {
    position.image = read_place<SearchPosition::Image>(*members, 4);
    if (!position.image) return edge::bad_page_cursor();
  }
  return position;
}

}  // namespace pacs::dicomweb
