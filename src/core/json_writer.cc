#include "core/json_writer.h"

#include "core/assert.h"
#include "core/text.h"

// RapidJSON asserts on a wrong order of calls; let it be ours, which holds in release builds too.
#define RAPIDJSON_ASSERT(expression) PACS_ASSERT(expression)
#include <cmath>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace pacs {

struct JsonWriter::State {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
};

JsonWriter::JsonWriter() : state_(std::make_unique<State>()) {}
JsonWriter::~JsonWriter() = default;
JsonWriter::JsonWriter(JsonWriter&&) noexcept = default;
JsonWriter& JsonWriter::operator=(JsonWriter&&) noexcept = default;

void JsonWriter::begin_object() { state_->writer.StartObject(); }
void JsonWriter::end_object() { state_->writer.EndObject(); }
void JsonWriter::begin_array() { state_->writer.StartArray(); }
void JsonWriter::end_array() { state_->writer.EndArray(); }

void JsonWriter::key(std::string_view name) {
  state_->writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
}

void JsonWriter::string(std::string_view text) {
  if (is_utf8(text)) {
    state_->writer.String(text.empty() ? "" : text.data(),
                          static_cast<rapidjson::SizeType>(text.size()));
    return;
  }
  const std::string clean = replace_invalid_utf8(text);
  state_->writer.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

void JsonWriter::number(int64_t value) { state_->writer.Int64(value); }
void JsonWriter::number(uint64_t value) { state_->writer.Uint64(value); }
void JsonWriter::number(double value) {
  if (std::isfinite(value)) {
    state_->writer.Double(value);
  } else {
    state_->writer.Null();
  }
}
void JsonWriter::boolean(bool value) { state_->writer.Bool(value); }
void JsonWriter::null() { state_->writer.Null(); }

void JsonWriter::raw(std::string_view json) {
  state_->writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
}

std::string JsonWriter::take() {
  PACS_ASSERT(state_->writer.IsComplete());
  std::string text(state_->buffer.GetString(), state_->buffer.GetSize());
  state_->buffer.Clear();
  state_->writer.Reset(state_->buffer);
  return text;
}

}  // namespace pacs
