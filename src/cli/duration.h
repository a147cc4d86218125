// Spans of time as people type them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.h"

namespace pacs::cli {

// "90", "90s", "30m", "12h", "7d", "2w"; nothing for anything else, and for more than a century.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text);

[[nodiscard]] Error bad_duration(std::string_view option, std::string_view text);

}  // namespace pacs::cli
