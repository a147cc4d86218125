// Text burned into a picture.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "pixel/picture.h"

namespace pacs::pixel {

struct TextPlace {
  int64_t left = 0;
  int64_t top = 0;
  uint32_t scale = 1;  // a pixel of the font is so many of the picture, 1 to 64
};

// White with a dark edge, so that it can be read on anything. What does not lie in the picture is
// cut off. Characters that the font does not have are question marks.
void draw_text(std::string_view utf8, const TextPlace& place, Picture& picture);

// Lines from the top left corner, and from the bottom left one, as large as the picture's size
// asks.
void annotate(const std::vector<std::string_view>& top_lines,
              const std::vector<std::string_view>& bottom_lines, Picture& picture);

}  // namespace pacs::pixel
