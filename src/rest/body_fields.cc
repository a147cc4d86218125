#include "rest/body_fields.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/log.h"
#include "core/text.h"
#include "http/media_type.h"

namespace pacs::rest {
namespace {

// The offline metadata of an image is a few kilobytes; the router's own limit stands before it.
constexpr uint64_t kJsonBytesMax = 1024 * 1024;
constexpr size_t kNamesLoggedMax = 8;
constexpr size_t kNameBytesLoggedMax = 40;

struct OrderName {
  std::string_view name;
  index::OrderKind kind;
};
// The application's own pages leave the "_id" out where they open a session.
constexpr std::array<OrderName, 4> kOrderNames = {{
    {"radiology_order_id", index::OrderKind::radiology_order},
    {"radiology_order", index::OrderKind::radiology_order},
    {"radiology_request_id", index::OrderKind::radiology_request},
    {"radiology_request", index::OrderKind::radiology_request},
}};

bool is_json(const http::Request& request) {
  const auto field = request.headers.find("Content-Type");
  if (!field) return true;  // who sends none means the only thing that the route takes
  const auto type = http::parse_media_type(*field);
  return type && type->type == "application" &&
         (type->subtype == "json" || type->subtype.ends_with("+json"));
}

std::string range_text(int64_t least, int64_t most) {
  return "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

}  // namespace

Error bad_field(std::string_view name, std::string_view what) {
  return invalid_argument("bad_field", std::string(name) + " " + std::string(what));
}

Error missing_field(std::string_view name) {
  return invalid_argument("missing_field", std::string(name) + " is required");
}

std::optional<int64_t> parse_order_value(std::string_view text) {
  const auto value = parse_unsigned(trim(text));
  if (!value || *value < 1 || *value > static_cast<uint64_t>(kIntegerMax)) return std::nullopt;
  return static_cast<int64_t>(*value);
}

Result<BodyFields> BodyFields::read_json(http::Request& request) {
  if (request.has_body && !is_json(request)) {
    return unsupported("unsupported_media_type",
                       "this path takes a JSON object; send Content-Type: application/json");
  }
  const std::string text = PACS_TRY(read_all(request.body(), kJsonBytesMax));
  if (text.empty()) return BodyFields(PACS_TRY(JsonValue::parse("{}")), Source::json);
  JsonValue value = PACS_TRY(JsonValue::parse(text));
  if (!value.is_object()) return invalid_argument("bad_field", "the body must be a JSON object");
  return BodyFields(std::move(value), Source::json);
}

const JsonValue* BodyFields::find_any(std::string_view name) {
  known_.emplace(name);
  const JsonValue* member = object_.find(name);
  return member == nullptr || member->is_null() ? nullptr : member;
}

Result<std::optional<std::string>> BodyFields::find_text(std::string_view name,
                                                         size_t size_bytes_max) {
  const JsonValue* member = find_any(name);
  if (member == nullptr) return std::optional<std::string>();
  const std::string* text = member->as_string();
  if (text == nullptr) return bad_field(name, "must be text");
  if (text->size() > size_bytes_max) {
    return bad_field(name, "is longer than " + std::to_string(size_bytes_max) + " bytes");
  }
  return std::optional(*text);
}

Result<std::optional<int64_t>> BodyFields::find_integer(std::string_view name, int64_t least,
                                                        int64_t most) {
  const JsonValue* member = find_any(name);
  if (member == nullptr) return std::optional<int64_t>();
  std::optional<int64_t> value = member->as_int64();
  if (const std::string* text = member->as_string(); text != nullptr && source_ == Source::form) {
    if (trim(*text).empty()) return std::optional<int64_t>();
    const auto parsed = parse_unsigned(trim(*text));
    if (parsed && *parsed <= static_cast<uint64_t>(kIntegerMax)) {
      value = static_cast<int64_t>(*parsed);
    }
  }
  if (!value || *value < least || *value > most) return bad_field(name, range_text(least, most));
  return value;
}

Result<int64_t> BodyFields::get_integer(std::string_view name, int64_t least, int64_t most) {
  const auto value = PACS_TRY(find_integer(name, least, most));
  if (!value) return missing_field(name);
  return *value;
}

Result<std::optional<bool>> BodyFields::find_boolean(std::string_view name) {
  const JsonValue* member = find_any(name);
  if (member == nullptr) return std::optional<bool>();
  if (const bool* value = member->as_bool()) return std::optional(*value);
  return bad_field(name, "must be true or false");
}

Result<std::optional<Uuid>> BodyFields::find_uuid(std::string_view name) {
  const JsonValue* member = find_any(name);
  if (member == nullptr) return std::optional<Uuid>();
  const std::string* text = member->as_string();
  auto uuid = text == nullptr ? std::nullopt : Uuid::parse(*text);
  if (!uuid) return bad_field(name, "must be a UUID such as 550e8400-e29b-41d4-a716-446655440000");
  return uuid;
}

Result<Uuid> BodyFields::get_uuid(std::string_view name) {
  auto uuid = PACS_TRY(find_uuid(name));
  if (!uuid) return missing_field(name);
  return std::move(*uuid);
}

Result<std::optional<Sha256Digest>> BodyFields::find_sha256(std::string_view name) {
  const JsonValue* member = find_any(name);
  if (member == nullptr) return std::optional<Sha256Digest>();
  const std::string* text = member->as_string();
  const auto digest = text == nullptr ? std::nullopt : Sha256Digest::from_hex(*text);
  if (!digest) return bad_field(name, "must be a SHA-256 as 64 hexadecimal digits");
  return digest;
}

Result<Sha256Digest> BodyFields::get_sha256(std::string_view name) {
  const auto digest = PACS_TRY(find_sha256(name));
  if (!digest) return missing_field(name);
  return *digest;
}

Result<std::optional<index::OrderReference>> BodyFields::find_order() {
  std::optional<index::OrderReference> order;
  for (const OrderName& entry : kOrderNames) {
    const JsonValue* member = find_any(entry.name);
    if (member == nullptr) continue;
    const std::string* text = member->as_string();
    if (text != nullptr && trim(*text).empty()) continue;
    const auto value = text != nullptr
                           ? parse_order_value(*text)
                           : parse_order_value(std::to_string(member->as_int64().value_or(0)));
    if (!value) return bad_field(entry.name, range_text(1, kIntegerMax));
    const index::OrderReference found{.kind = entry.kind, .value = *value};
    if (order && *order != found) {
      return bad_field(entry.name, "names another order than the other field: send one of them");
    }
    order = found;
  }
  return order;
}

Result<index::OrderReference> BodyFields::get_order() {
  const auto order = PACS_TRY(find_order());
  if (!order) return missing_field("radiology_order_id or radiology_request_id");
  return *order;
}

Result<JsonValue> BodyFields::find_object(std::string_view name) {
  const JsonValue* member = find_any(name);
  if (member == nullptr) return JsonValue();
  if (const std::string* text = member->as_string(); text != nullptr && source_ == Source::form) {
    if (trim(*text).empty()) return JsonValue();
    auto parsed = JsonValue::parse(*text);
    if (!parsed || !parsed->is_object())
      return bad_field(name, "must be the text of a JSON object");
    return parsed;
  }
  if (!member->is_object()) return bad_field(name, "must be an object");
  return *member;
}

void BodyFields::warn_of_unknown(const http::Request& request) const {
  std::set<std::string> unknown;
  if (!object_.is_object()) return;
  for (const auto& [name, value] : *object_.as_object()) {
    if (!known_.contains(name)) unknown.insert(name);
  }
  log_unknown_fields(request, unknown);
}

void log_unknown_fields(const http::Request& request, const std::set<std::string>& names) {
  if (names.empty()) return;
  std::string list;
  size_t count = 0;
  for (const std::string& name : names) {
    if (++count > kNamesLoggedMax) break;
    if (!list.empty()) list += ", ";
    list += name.substr(0, kNameBytesLoggedMax);
  }
  log_warning("unknown_fields_ignored", {{"request_id", request.request_id},
                                         {"route", request.route},
                                         {"names", replace_invalid_utf8(list)},
                                         {"count", names.size()}});
}

}  // namespace pacs::rest
