// High-throughput JPEG 2000 (ITU-T T.814), over OpenJPH.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/jpeg_2000_header.h"

namespace pacs::pixel {

// Errors: invalid_argument/pixel_data, resource_exhausted/decoding. Any thread.
[[nodiscard]] Result<Frame> decode_high_throughput(const PixelFormat& stated,
                                                   const Jpeg2000Header& header);

enum class HighThroughput { lossless, lossless_rpcl, lossy };

// RPCL has the lowest resolution first, of at most 64 by 64 pixels, and says by TLM where the tile
// part stands (PS3.5 8.2.14). RGB gets the colour transform. The frame
// has integers of 8 or 16 bits allocated. Errors: internal/encoding.
[[nodiscard]] Result<ByteVector> encode_high_throughput(const Frame& frame, HighThroughput kind);

}  // namespace pacs::pixel
