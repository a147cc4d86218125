// A decoded frame as a picture: grey by its look-up tables, colours as red, green and blue,
// overlays drawn over it.
#pragma once

#include <optional>

#include "core/result.h"
#include "pixel/frame.h"
#include "pixel/picture.h"
#include "pixel/presentation.h"

namespace pacs::pixel {

// `window` stands in the place of the presentation's VOI LUT; colours have none. Any thread.
// Errors:
//   unsupported/photometric     a colour space that is not shown
//   unsupported/pixel_format    values of 64 bits, more than kPicturePixelsMax pixels
//   invalid_argument/pixel_data fewer bytes than the format has
[[nodiscard]] Result<Picture> render(const Frame& frame, const Presentation& presentation,
                                     const std::optional<Window>& window = std::nullopt);

}  // namespace pacs::pixel
