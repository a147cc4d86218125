// JPEG that libjpeg-turbo does not know: lossless (process 14, ITU-T T.81 annex H) of 2 to 16 bits,
// and lossy of 12 bits. Over the codecs of DCMTK.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/jpeg_header.h"

namespace pacs::pixel {

// Errors: invalid_argument/pixel_data. Any thread.
[[nodiscard]] Result<Frame> decode_jpeg_deep(const PixelFormat& stated, const JpegHeader& header,
                                             Bytes stored);

// Lossless with selection value 1. The frame has integers of 8 or 16 bits allocated, one or three
// samples a pixel. Errors: internal/encoding.
[[nodiscard]] Result<ByteVector> encode_jpeg_lossless(const Frame& frame);

}  // namespace pacs::pixel
