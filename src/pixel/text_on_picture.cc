#include "pixel/text_on_picture.h"

#include <algorithm>
#include <optional>
#include <string>

#include "core/text.h"
#include "pixel/font.h"

namespace pacs::pixel {
namespace {

constexpr size_t kCharactersMax = 200;
constexpr uint32_t kPixelsPerScale = 600;  // of the longer side

// `text` is UTF-8. A sequence of several bytes beyond ISO 8859-1 is one character that no glyph
// has.
std::vector<char32_t> characters_of(std::string_view text) {
  const std::string valid = to_nfc(text);
  std::vector<char32_t> characters;
  for (size_t i = 0; i < valid.size() && characters.size() < kCharactersMax;) {
    const auto first = static_cast<unsigned char>(valid[i]);
    const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t character = first;
    if (length == 2 && i + 1 < valid.size()) {
      character = (first & 0x1FU) << 6U | (static_cast<unsigned char>(valid[i + 1]) & 0x3FU);
    } else if (length > 2) {
      character = 0xFFFD;
    }
    characters.push_back(character);
    i += length;
  }
  return characters;
}

void set_block(Picture& picture, int64_t left, int64_t top, int64_t size, uint8_t value) {
  const int64_t right = std::min<int64_t>(left + size, picture.width);
  const int64_t bottom = std::min<int64_t>(top + size, picture.height);
  left = std::max<int64_t>(left, 0);
  for (int64_t y = std::max<int64_t>(top, 0); y < bottom && left < right; ++y) {
    const auto at = static_cast<size_t>(y * picture.width + left) * picture.channels();
    std::fill_n(picture.samples.begin() + static_cast<std::ptrdiff_t>(at),
                static_cast<size_t>(right - left) * picture.channels(), value);
  }
}

// Blocks around each pixel of the letter make its edge, those on it the letter.
void draw_glyph(const Glyph& glyph, int64_t left, int64_t top, int64_t scale, int64_t edge,
                uint8_t value, Picture& picture) {
  for (uint32_t row = 0; row < kGlyphHeight; ++row) {
    for (uint32_t column = 0; column < kGlyphWidth; ++column) {
      if ((glyph[row] >> (7 - column) & 1U) == 0) continue;
      set_block(picture, left + column * scale - edge, top + row * scale - edge, scale + 2 * edge,
                value);
    }
  }
}

}  // namespace

void draw_text(std::string_view utf8, const TextPlace& place, Picture& picture) {
  const std::vector<char32_t> characters = characters_of(utf8);
  const int64_t scale = std::clamp<int64_t>(place.scale, 1, 64);
  const int64_t step = kGlyphWidth * scale;
  for (const uint8_t value : {uint8_t{0}, uint8_t{0xFF}}) {
    const int64_t edge = value == 0 ? (scale + 1) / 2 : 0;
    for (size_t i = 0; i < characters.size(); ++i) {
      draw_glyph(glyph_of(characters[i]), place.left + static_cast<int64_t>(i) * step, place.top,
                 scale, edge, value, picture);
    }
  }
}

void annotate(const std::vector<std::string_view>& top_lines,
              const std::vector<std::string_view>& bottom_lines, Picture& picture) {
  const uint32_t scale = 1 + std::max(picture.width, picture.height) / kPixelsPerScale;
  const int64_t margin = int64_t{2} * scale;
  const int64_t line = int64_t{kGlyphHeight} * scale;
  int64_t top = margin;
  for (const std::string_view text : top_lines) {
    draw_text(text, {margin, top, scale}, picture);
    top += line;
  }
  top = picture.height - margin - line * static_cast<int64_t>(bottom_lines.size());
  for (const std::string_view text : bottom_lines) {
    draw_text(text, {margin, top, scale}, picture);
    top += line;
  }
}

}  // namespace pacs::pixel
