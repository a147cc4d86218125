// Names that others chose and that go into ids, audit lines and lists.
#pragma once

#include <string_view>

namespace pacs::access {

// UTF-8 of 1 to `size_bytes_max` bytes without control characters (C0, DEL, C1), and with something
// else than spaces in it.
[[nodiscard]] bool is_printable_name(std::string_view text, size_t size_bytes_max);

}  // namespace pacs::access
