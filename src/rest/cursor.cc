#include "rest/cursor.h"

#include <optional>
#include <utility>

#include "core/json_value.h"
#include "core/json_writer.h"
#include "edge/page_cursor.h"

namespace pacs::rest {
namespace {

std::string place_of(const Cursor& cursor) {
  JsonWriter writer;
  writer.begin_array();
  writer.number(int64_t{cursor.direction == Cursor::Direction::next ? 1 : 0});
  writer.string(to_base64url(as_bytes(cursor.sort_key)));  // may hold any byte
  writer.number(cursor.id);
  writer.end_array();
  return writer.take();
}

std::optional<Cursor> parse_place(std::string_view place) {
  const auto value = JsonValue::parse(place);
  if (!value || value->as_array() == nullptr || value->as_array()->size() != 3) return std::nullopt;
  const JsonValue::Array& members = *value->as_array();
  const auto direction = members[0].as_int64();
  const std::string* sort_key = members[1].as_string();
  const auto key_bytes = sort_key == nullptr ? std::nullopt : from_base64url(*sort_key);
  const auto id = members[2].as_int64();
  if (!direction || !key_bytes || !id) return std::nullopt;
  return Cursor{*direction == 1 ? Cursor::Direction::next : Cursor::Direction::previous,
                std::string(as_text(*key_bytes)), *id};
}

}  // namespace

std::string write_cursor(const Cursor& cursor, std::string_view list,
                         const storage::SigningKeys& keys) {
  return edge::write_page_cursor(place_of(cursor), list, keys);
}

Result<Cursor> read_cursor(std::string_view text, std::string_view list,
                           const storage::SigningKeys& keys) {
  auto cursor = parse_place(PACS_TRY(edge::read_page_cursor(text, list, keys)));
  if (!cursor) return edge::bad_page_cursor();
  return std::move(*cursor);
}

}  // namespace pacs::rest
