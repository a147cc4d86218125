// RLE Lossless (PS3.5 annex G): a header of up to 15 segments, each one byte of one sample of all
// pixels, packed by the PackBits algorithm, the most significant byte first.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/frame.h"

namespace pacs::pixel {

// Errors: invalid_argument/pixel_data. Any thread.
[[nodiscard]] Result<Frame> decode_rle(const PixelFormat& stated, Bytes stored);

// Of a frame of 8, 16 or 32 bits allocated. Errors: unsupported/encoding for any other.
[[nodiscard]] Result<ByteVector> encode_rle(const Frame& frame);

}  // namespace pacs::pixel
