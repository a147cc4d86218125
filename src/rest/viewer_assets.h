// The style sheet and the icons of our own pages, part of the program.
#pragma once

#include <span>
#include <string_view>

namespace pacs::rest {

struct Asset {
  std::string_view path;
  std::string_view content_type;
  std::string_view content;
};

[[nodiscard]] std::span<const Asset> viewer_assets();

}  // namespace pacs::rest
