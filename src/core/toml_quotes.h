// Which characters of a TOML text (TOML 1.0) stand within quotes or comments: beyond ASCII there
// are none elsewhere.
#pragma once

#include <optional>
#include <string_view>

namespace pacs {

// The line, from 1, of the first byte beyond ASCII that is neither in a string nor in a comment,
// nor a byte order mark at the beginning. In a string of several lines also of one that follows a
// backslash at a line's end. Right as far as the text is TOML; behind its first mistake anything.
[[nodiscard]] std::optional<int> find_unquoted_line(std::string_view toml);

}  // namespace pacs
