#include "storage/blob_attributes.h"

#include <algorithm>

#include "core/json_value.h"
#include "core/json_writer.h"
#include "core/text.h"

namespace pacs::storage {
namespace {

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > BlobAttributes::kNameBytesMax) return false;
  if (name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string to_json_object(const BlobAttributes::Map& values) {
  JsonWriter writer;
  writer.begin_object();
  for (const auto& [name, value] : values) writer.member(name, value);
  writer.end_object();
  return writer.take();
}

// What one more member adds to the object: its own text and a comma in place of the braces.
size_t member_size_bytes(std::string_view name, std::string_view value) {
  JsonWriter writer;
  writer.begin_object();
  writer.member(name, value);
  writer.end_object();
  return writer.take().size() - 1;
}

}  // namespace

Result<void> BlobAttributes::set(std::string_view name, std::string_view value) {
  if (!is_name(name)) {
    return invalid_argument("bad_attribute_name",
                            "an attribute's name is lower-case letters, digits, _ and -");
  }
  if (value.size() > kSizeBytesMax) {
    return invalid_argument("attributes_too_large", "the attributes of a blob pass their limit");
  }
  if (value.find('\0') != std::string_view::npos || !is_utf8(value)) {
    return invalid_argument("bad_attribute_value", "an attribute's value is not UTF-8 text");
  }
  const auto old = values_.find(name);
  const size_t freed = old == values_.end() ? 0 : member_size_bytes(name, old->second);
  const size_t size_bytes = size_bytes_ - freed + member_size_bytes(name, value);
  if (size_bytes > kSizeBytesMax) {
    return invalid_argument("attributes_too_large", "the attributes of a blob pass their limit");
  }
  values_.insert_or_assign(std::string(name), std::string(value));
  size_bytes_ = size_bytes;
  return {};
}

void BlobAttributes::erase(std::string_view name) {
  const auto position = values_.find(name);
  if (position == values_.end()) return;
  size_bytes_ -= member_size_bytes(name, position->second);
  values_.erase(position);
}

const std::string* BlobAttributes::find(std::string_view name) const {
  const auto position = values_.find(name);
  return position == values_.end() ? nullptr : &position->second;
}

std::string BlobAttributes::to_json() const { return to_json_object(values_); }

Result<BlobAttributes> BlobAttributes::from_json(std::string_view json) {
  const Error bad = corrupt("bad_attributes", "the attributes of a stored blob cannot be read");
  if (json.size() > kSizeBytesMax) return bad;
  const Result<JsonValue> value = JsonValue::parse(json);
  if (!value || !value->is_object()) return bad;
  BlobAttributes attributes;
  for (const auto& [name, member] : *value->as_object()) {
    const std::string* text = member.as_string();
    if (text == nullptr || !attributes.set(name, *text)) return bad;
  }
  return attributes;
}

}  // namespace pacs::storage
