// ICC profiles of pictures (PS3.3 C.11.15; ICC.1:2010): those of files, and that of sRGB.
#pragma once

#include "core/bytes.h"
#include "pixel/picture.h"

namespace pacs::pixel {

// A larger one is not passed on; those of cameras and scanners have a few kilobytes.
inline constexpr size_t kIccProfileBytesMax = size_t{1} << 20;

// The colour spaces of PS3.18 8.3.5.1.5.
enum class RgbSpace { srgb, adobe_rgb, romm_rgb, display_p3 };

// Version 4, a display profile with the primaries and the curve of the space.
[[nodiscard]] const ByteVector& profile_of_space(RgbSpace space);

// Version 4, a display profile with the primaries and the curve of IEC 61966-2-1; for a grey
// picture one of the curve alone, since a profile of colours must not stand in it.
[[nodiscard]] const ByteVector& srgb_profile(Picture::Colour colour);

// Its own length, the signature "acsp" and the colour space RGB or GRAY: what a reader checks
// first.
[[nodiscard]] bool looks_like_profile(Bytes bytes);

}  // namespace pacs::pixel
