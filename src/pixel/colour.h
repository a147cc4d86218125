// Colour spaces of pixels (PS3.3 C.7.6.3.1.2) to red, green and blue.
#pragma once

#include <array>
#include <cstdint>

#include "core/result.h"
#include "pixel/frame.h"
#include "pixel/picture.h"

namespace pacs::pixel {

[[nodiscard]] std::array<uint8_t, 3> rgb_of_ybr_full(std::array<uint8_t, 3> ybr);
// Luminance from 16 to 235, chrominance from 16 to 240.
[[nodiscard]] std::array<uint8_t, 3> rgb_of_ybr_partial(std::array<uint8_t, 3> ybr);

// A frame of three samples a pixel, 1 to 16 bits each, as a picture. Errors:
// unsupported/photometric for a colour space that nobody writes any more (HSV, ARGB, CMYK), one of
// video, or YBR_RCT, whose differences do not fit the samples of a native frame.
[[nodiscard]] Result<Picture> render_colour(const Frame& frame);

}  // namespace pacs::pixel
