// Compression of whole answers (RFC 1952).
#pragma once

#include <string>
#include <string_view>

namespace pacs::http {

// Always succeeds: memory aside, deflating cannot fail.
[[nodiscard]] std::string gzip(std::string_view text);

}  // namespace pacs::http
