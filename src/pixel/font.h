// Letters to burn into pictures.
#pragma once

#include <array>
#include <cstdint>

namespace pacs::pixel {

inline constexpr uint32_t kGlyphWidth = 6;
inline constexpr uint32_t kGlyphHeight = 13;
using Glyph = std::array<uint8_t, kGlyphHeight>;  // a row each, the leftmost pixel the highest bit

// Of ISO 8859-1; a question mark for every other character.
[[nodiscard]] const Glyph& glyph_of(char32_t character);

}  // namespace pacs::pixel
