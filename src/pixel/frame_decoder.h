// From the bytes of a stored frame to its numbers.
#pragma once

#include <string_view>

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/frame.h"

namespace pacs::pixel {

class FrameDecoder {
 public:
  virtual ~FrameDecoder() = default;

  // `stored` is all bytes of one frame in that transfer syntax, as a frame table tells them, native
  // ones as they stand in the file. What comes back has the format that was decoded: lossy and
  // colour codecs may change photometric interpretation and planar configuration of `stated`
  // (PS3.5 8.2), never rows, columns or samples. Any thread. Errors:
  //   unsupported/transfer_syntax   nothing here decodes it
  //   invalid_argument/pixel_data   the bytes are no such frame, or a decoder ended over them
  //   resource_exhausted/decoding   more memory or time than a frame may take
  [[nodiscard]] virtual Result<Frame> decode(std::string_view transfer_syntax_uid,
                                             const PixelFormat& stated, Bytes stored) = 0;

  // The same of bytes that are given away: native ones need not be copied.
  [[nodiscard]] virtual Result<Frame> decode_given(std::string_view transfer_syntax_uid,
                                                   const PixelFormat& stated, ByteVector stored) {
    return decode(transfer_syntax_uid, stated, stored);
  }

  // As convert_pixels() of colour_conversion.h, whose profile anybody may have made too. Any
  // thread. Besides: resource_exhausted/decoding.
  [[nodiscard]] virtual Result<Frame> convert_colours(const PixelFormat& format, Bytes request) = 0;
};

}  // namespace pacs::pixel
