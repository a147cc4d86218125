// The request methods that this server knows (RFC 9110 9, RFC 5789). Others are answered 501.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pacs::http {

enum class Method : uint8_t { get, head, post, put, patch, delete_, options };
inline constexpr size_t kMethodCount = 7;

// "GET", "DELETE", …
[[nodiscard]] std::string_view to_string(Method method);
// Case-sensitive, as the standard has it.
[[nodiscard]] std::optional<Method> parse_method(std::string_view text);

}  // namespace pacs::http
