// Frames that are not compressed (PS3.5 8.1.1, annex D).
#pragma once

#include <bit>

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/frame.h"

namespace pacs::pixel {

// `stored` as it stands in the file, padding behind it or not; one bit a pixel begins with the low
// end of the first byte. Big endian cells are turned, also the pairs of bytes of an OW whose
// samples have 8 bits or one. Errors: invalid_argument/pixel_data when bytes are missing. Any
// thread.
[[nodiscard]] Result<Frame> decode_native(const PixelFormat& stated, std::endian byte_order,
                                          Bytes stored);

// The same of little endian bytes, which become those of the frame without being copied.
[[nodiscard]] Result<Frame> adopt_native(const PixelFormat& stated, ByteVector stored);

}  // namespace pacs::pixel
