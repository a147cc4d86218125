// JPEG of 8 bits, baseline, extended and progressive (ITU-T T.81), over libjpeg-turbo. Colours are
// not converted on the way in: what the components are is told by photometric interpretation.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/jpeg_header.h"

namespace pacs::pixel {

// Errors: invalid_argument/pixel_data, resource_exhausted/decoding. Any thread.
[[nodiscard]] Result<Frame> decode_jpeg_8_bit(const PixelFormat& stated, const JpegHeader& header,
                                              Bytes stored);

// Baseline of 8 bits. Colours are stored as YBR_FULL_422. `quality` from 1 to 100. The frame has
// unsigned samples of 8 bits, one or three a pixel. Errors: internal/encoding.
[[nodiscard]] Result<ByteVector> encode_jpeg_8_bit(const Frame& frame, int quality);

}  // namespace pacs::pixel
