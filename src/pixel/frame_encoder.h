// From numbers to the bytes of a compressed frame. Our own valid pixels: in the process that asks.
#pragma once

#include <string_view>

#include "core/result.h"
#include "pixel/frame.h"

namespace pacs::pixel {

struct EncodedFrame {
  // As the data set has to state it: colour codecs change photometric interpretation and planar
  // configuration (PS3.5 8.2).
  PixelFormat format;
  ByteVector bytes;
};

// What loses information loses little: JPEG of quality 90, near-lossless by 2, JPEG 2000 of a tenth
// of the size.
inline constexpr int kJpegQuality = 90;
inline constexpr int kNearLosslessDifference = 2;
inline constexpr float kJpeg2000Ratio = 10;

// Explicit and implicit VR little endian, RLE, JPEG baseline, lossless JPEG with selection value 1,
// JPEG-LS, JPEG 2000 and HTJ2K, each with and without loss.
[[nodiscard]] bool can_encode(std::string_view transfer_syntax_uid);

// `frame` has passed PixelFormat::of or a decoder. Errors: unsupported/encoding with what it is
// that the transfer syntax cannot hold, or for one that is not encoded here; internal/encoding when
// a library gave up. Any thread.
[[nodiscard]] Result<EncodedFrame> encode_frame(std::string_view transfer_syntax_uid,
                                                const Frame& frame);

// The samples of a pixel side by side, each pixel with all of its own: no planes, and YBR_FULL in
// place of YBR_FULL_422 (PS3.3 C.7.6.3.1.2), whose chrominances are repeated.
[[nodiscard]] Result<Frame> with_whole_pixels(const Frame& frame);

// A frame of YBR_FULL with 8 bits a sample as RGB (PS3.3 C.7.6.3.1.2). Errors: unsupported/encoding
// for any other.
[[nodiscard]] Result<Frame> as_rgb(Frame frame);

}  // namespace pacs::pixel
