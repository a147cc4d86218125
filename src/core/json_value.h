// A parsed JSON text (RFC 8259) as a small tree, for what clients send: at most a few megabytes.
// Immutable once parsed, so any thread may read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/result.h"

namespace pacs {

class JsonValue {
 public:
  using Array = std::vector<JsonValue>;
  using Object = std::vector<std::pair<std::string, JsonValue>>;  // in the order of the text

  static constexpr size_t kDepthMax = 64;  // deeper is an attack, no client's data

  // `invalid_argument` (reason "bad_json") with the reason in words: not JSON, not UTF-8, nested
  // too deeply, or a member named twice, of which readers would take different ones. `depth_max`
  // is for texts that our own writer bounds in another way.
  [[nodiscard]] static Result<JsonValue> parse(std::string_view text, size_t depth_max = kDepthMax);

  JsonValue() = default;  // null

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::monostate>(content_); }
  [[nodiscard]] bool is_object() const { return as_object() != nullptr; }

  // A pointer to the content when it is of that type, else nullptr.
  [[nodiscard]] const std::string* as_string() const { return std::get_if<std::string>(&content_); }
  [[nodiscard]] const bool* as_bool() const { return std::get_if<bool>(&content_); }
  [[nodiscard]] const Array* as_array() const { return std::get_if<Array>(&content_); }
  [[nodiscard]] const Object* as_object() const { return std::get_if<Object>(&content_); }
  // Whole numbers alone; as_double takes any number.
  [[nodiscard]] std::optional<int64_t> as_int64() const;
  [[nodiscard]] std::optional<double> as_double() const;

  // The member of an object, or nullptr when there is none or this is no object.
  [[nodiscard]] const JsonValue* find(std::string_view name) const;

  // The tree as JSON again, members in their order.
  [[nodiscard]] std::string to_json() const;

 private:
  friend struct JsonTreeBuilder;
  std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Array, Object>
      content_;
};

}  // namespace pacs
