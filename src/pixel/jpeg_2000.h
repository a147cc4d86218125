// JPEG 2000 part 1 (ITU-T T.800), over OpenJPEG.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/jpeg_2000_header.h"

namespace pacs::pixel {

// Errors: invalid_argument/pixel_data. Any thread.
[[nodiscard]] Result<Frame> decode_jpeg_2000(const PixelFormat& stated,
                                             const Jpeg2000Header& header);

// `ratio` is how many times smaller a lossy stream becomes; 0 loses nothing. RGB gets the
// colour transform. The frame has integers of 8 or 16 bits allocated. Errors:
// internal/encoding.
[[nodiscard]] Result<ByteVector> encode_jpeg_2000(const Frame& frame, float ratio);

}  // namespace pacs::pixel
