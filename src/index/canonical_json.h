// JSON texts compared by what they say: the order of an object's members means nothing (RFC 8259
// section 4).
#pragma once

#include <string>
#include <string_view>

namespace pacs::index {

// The same text for texts that say the same; a text that is no JSON as it is.
[[nodiscard]] std::string canonical_json(std::string_view text);

}  // namespace pacs::index
