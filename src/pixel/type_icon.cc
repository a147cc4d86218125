#include "pixel/type_icon.h"

#include <algorithm>

#include "pixel/font.h"
#include "pixel/text_on_picture.h"

namespace pacs::pixel {
namespace {

constexpr uint32_t kIconSideMin = 16;
constexpr uint8_t kBackground = 0x30;
constexpr uint8_t kPaper = 0x58;
constexpr uint8_t kEdge = 0xA0;

void fill_block(Picture& picture, uint32_t left, uint32_t top, uint32_t right, uint32_t bottom,
                uint8_t value) {
  for (uint32_t y = top; y < bottom; ++y) {
    std::fill(
        picture.samples.begin() + static_cast<std::ptrdiff_t>(size_t{y} * picture.width + left),
        picture.samples.begin() + static_cast<std::ptrdiff_t>(size_t{y} * picture.width + right),
        value);
  }
}

}  // namespace

Picture type_icon(uint32_t width, uint32_t height, std::string_view label) {
  width = std::max(width, kIconSideMin);
  height = std::max(height, kIconSideMin);
  Picture picture = blank_picture(width, height);
  fill_block(picture, 0, 0, width, height, kBackground);
  const uint32_t side = std::min(width, height);
  const uint32_t half = side * 3 / 8;
  const uint32_t border = std::max(1U, side / 64);
  const uint32_t left = width / 2 - half;
  const uint32_t top = height / 2 - side * 7 / 16;
  const uint32_t right = left + 2 * half;
  const uint32_t bottom = top + side * 7 / 8;
  fill_block(picture, left, top, right, bottom, kEdge);
  fill_block(picture, left + border, top + border, right - border, bottom - border, kPaper);

  const auto letters = static_cast<uint32_t>(std::max<size_t>(label.size(), 1));
  const uint32_t scale = std::clamp(side / (kGlyphWidth * letters + 4), 1U, 12U);
  draw_text(label,
            {(int64_t{width} - int64_t{letters} * kGlyphWidth * scale) / 2,
             (int64_t{height} - int64_t{kGlyphHeight} * scale) / 2, scale},
            picture);
  return picture;
}

}  // namespace pacs::pixel
