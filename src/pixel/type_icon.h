// A picture for what has no pixels: a sheet of paper that says what it is.
#pragma once

#include <cstdint>
#include <string_view>

#include "pixel/picture.h"

namespace pacs::pixel {

// `label` is one short word (PDF, SR, RTDOSE): as large as fits. At least 16 pixels a side are
// drawn.
[[nodiscard]] Picture type_icon(uint32_t width, uint32_t height, std::string_view label);

}  // namespace pacs::pixel
