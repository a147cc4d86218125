// Which part of a picture is shown, and how large (PS3.18 8.3.5.1.3).
#pragma once

#include <cstdint>

#include "core/result.h"
#include "pixel/picture.h"

namespace pacs::pixel {

inline constexpr uint32_t kViewportSideMax = 16'384;

struct Viewport {
  uint32_t width = 0;  // what the picture must fit into, 1 to kViewportSideMax
  uint32_t height = 0;
  // The region of the source in its pixels; a width or height of 0 goes on to the edge.
  double left = 0;
  double top = 0;
  double region_width = 0;
  double region_height = 0;
  bool is_flipped_horizontally = false;
  bool is_flipped_vertically = false;
  // Smaller pictures are left as they are: for thumbnails.
  bool may_enlarge = true;
};

// Cuts the region out, scales it to the largest size that fits with its proportions kept (each
// pixel the average of what it covers, or interpolated where the picture grows), then flips it.
// Errors: invalid_argument/bad_viewport where the region is not inside the picture;
// resource_exhausted/ too_large beyond kPicturePixelsMax.
[[nodiscard]] Result<Picture> show_in(const Viewport& viewport, const Picture& picture);

// Upright, by the orientation that Exif tells: 1 to 8 (dicom/exif_orientation.h).
[[nodiscard]] Picture turned_upright(Picture picture, uint8_t orientation);

}  // namespace pacs::pixel
