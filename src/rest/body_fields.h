// The fields that a client sends, as JSON or as a form, read by name and checked by type.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/crypto.h"
#include "core/json_value.h"
#include "core/result.h"
#include "core/uuid.h"
#include "http/request.h"
#include "index/order.h"

namespace pacs::rest {

// The largest whole number that a JavaScript client can hold exactly.
inline constexpr int64_t kIntegerMax = (int64_t{1} << 53) - 1;

// Errors of all readers: invalid_argument, reason "bad_field" for a wrong type or value,
// "missing_field" for one that must be there; both name it. Null counts as absent.
class BodyFields {
 public:
  // A form has numbers as text; in JSON they must be numbers.
  enum class Source { json, form };

  BodyFields(JsonValue object, Source source) : object_(std::move(object)), source_(source) {}

  // The body of a request to a JSON route. Errors: `unsupported` (reason "unsupported_media_type")
  // for a form or another type, `invalid_argument` ("bad_json", or "bad_field" when it is not an
  // object), those of reading the body. No body at all is an empty object.
  [[nodiscard]] static Result<BodyFields> read_json(http::Request& request);

  [[nodiscard]] Result<std::optional<std::string>> find_text(std::string_view name,
                                                             size_t size_bytes_max);
  [[nodiscard]] Result<std::optional<int64_t>> find_integer(std::string_view name, int64_t least,
                                                            int64_t most = kIntegerMax);
  [[nodiscard]] Result<int64_t> get_integer(std::string_view name, int64_t least,
                                            int64_t most = kIntegerMax);
  [[nodiscard]] Result<std::optional<bool>> find_boolean(std::string_view name);
  [[nodiscard]] Result<std::optional<Uuid>> find_uuid(std::string_view name);
  [[nodiscard]] Result<Uuid> get_uuid(std::string_view name);
  [[nodiscard]] Result<std::optional<Sha256Digest>> find_sha256(std::string_view name);
  [[nodiscard]] Result<Sha256Digest> get_sha256(std::string_view name);
  // Either name of an order, as a number or a numeric text. Both at once: "bad_field".
  [[nodiscard]] Result<std::optional<index::OrderReference>> find_order();
  [[nodiscard]] Result<index::OrderReference> get_order();
  // Nullptr when absent. In a form: JSON text.
  [[nodiscard]] Result<JsonValue> find_object(std::string_view name);
  // Of any type; nullptr when absent.
  [[nodiscard]] const JsonValue* find_any(std::string_view name);

  // Logs, in one line, the names that were sent and that nothing has asked for.
  void warn_of_unknown(const http::Request& request) const;

 private:
  JsonValue object_;
  Source source_;
  std::set<std::string, std::less<>> known_;
};

// "12" or 12, from 1 on.
[[nodiscard]] std::optional<int64_t> parse_order_value(std::string_view text);

[[nodiscard]] Error bad_field(std::string_view name, std::string_view what);
[[nodiscard]] Error missing_field(std::string_view name);

// A line of the log for names that a client sent and nobody knows; at most a few of them, cut
// short, since they are a stranger's text.
void log_unknown_fields(const http::Request& request, const std::set<std::string>& names);

}  // namespace pacs::rest
