#include "rest/cursor.h"

#include "core/json_value.h"
#include "core/json_writer.h"

namespace pacs::rest {
namespace {

// The first line of what is signed: the keys sign media URLs too, and neither is good as the other.
constexpr std::string_view kDomain = "pacs-lite-cursor-v1";
constexpr size_t kCursorBytesMax = 4096;  // a sort key is a name of at most some hundred bytes

std::string mac_of(Bytes secret, std::string_view payload, std::string_view list) {
  std::string text(kDomain);
  text.append("\n").append(payload).append("\n").append(list);
  return to_base64url(hmac_sha256(secret, as_bytes(text)).bytes);
}

std::string payload_of(const Cursor& cursor) {
  JsonWriter writer;
  writer.begin_array();
  writer.number(int64_t{cursor.direction == Cursor::Direction::next ? 1 : 0});
  writer.string(to_base64url(as_bytes(cursor.sort_key)));  // may hold any byte
  writer.number(cursor.id);
  writer.end_array();
  return to_base64url(as_bytes(writer.take()));
}

std::optional<Cursor> parse_payload(std::string_view payload) {
  const auto bytes = from_base64url(payload);
  if (!bytes) return std::nullopt;
  const auto value = JsonValue::parse(as_text(*bytes));
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

// PAYLOAD.KEYID.MAC
std::string write_cursor(const Cursor& cursor, std::string_view list,
                         const storage::SigningKeys& keys) {
  const storage::SigningKey key = keys.current();
  const std::string payload = payload_of(cursor);
  return payload + "." + key.id + "." + mac_of(key.secret, payload, list);
}

Result<Cursor> read_cursor(std::string_view text, std::string_view list,
                           const storage::SigningKeys& keys) {
  const Error bad = invalid_argument(
      "bad_cursor", "the cursor does not belong to this list; begin again without it");
  if (text.size() > kCursorBytesMax) return bad;
  const size_t first = text.find('.');
  const size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return bad;
  const std::string_view payload = text.substr(0, first);
  const auto key = keys.find_valid(text.substr(first + 1, second - first - 1));
  if (!key) return bad;
  const std::string expected = mac_of(key->secret, payload, list);
  if (!equal_in_constant_time(as_bytes(expected), as_bytes(text.substr(second + 1)))) return bad;
  auto cursor = parse_payload(payload);
  if (!cursor) return bad;
  return std::move(*cursor);
}

}  // namespace pacs::rest
