// Wild card matching (PS3.4 C.2.2.2.4): "*" is any sequence of characters, also none, "?" is one
// character of UTF-8.
#pragma once

#include <string_view>

namespace pacs::dicom {

[[nodiscard]] bool has_wildcard(std::string_view pattern);
// Takes time in proportion to the product of both sizes at worst.
[[nodiscard]] bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace pacs::dicom
