// JPEG-LS (ITU-T T.87), lossless and near-lossless, over CharLS.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/jpeg_header.h"

namespace pacs::pixel {

// Errors: invalid_argument/pixel_data, resource_exhausted/decoding. Any thread.
[[nodiscard]] Result<Frame> decode_jpeg_ls(const PixelFormat& stated, const JpegHeader& header,
                                           Bytes stored);

// `near` is the largest difference of a sample; 0 loses nothing. The frame has integers of 8 or 16
// bits allocated and 2 to 16 stored, one or three samples a pixel. Errors: internal/encoding.
[[nodiscard]] Result<ByteVector> encode_jpeg_ls(const Frame& frame, int near);

}  // namespace pacs::pixel
