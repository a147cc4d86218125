// From the samples of a codestream to those of a frame: how the numbers that a codec yields lie in
// memory, and what happens where codestream and data set do not say the same.
#pragma once

#include <cstdint>

#include "core/result.h"
#include "pixel/frame.h"

namespace pacs::pixel {

// What a codestream says of itself.
struct CodedPicture {
  uint32_t rows = 0;
  uint32_t columns = 0;
  uint32_t components = 0;
  uint32_t precision = 0;  // bits of a sample
  bool is_signed = false;  // JPEG 2000 alone can say that
};

// The codestream has the last word on precision, the data set on size, samples and sign: a
// precision beyond Bits Allocated widens the format (one beyond Bits Stored is common: lossless
// JPEG of 10 bits is written as one of 12 or 16), other rows, columns or samples are an error
// (invalid_argument/pixel_data). The samples of a pixel stand together, whatever Planar
// Configuration said (PS3.5 8.2 leaves it to the codec).
[[nodiscard]] Result<PixelFormat> decoded_format(const PixelFormat& stated,
                                                 const CodedPicture& coded);

// All that goes wrong over the bytes of a frame.
[[nodiscard]] Error broken_frame(std::string_view detail);

// Takes samples in the order of the frame.
class FrameWriter {
 public:
  // `sign_bit_at` is where the sign of a signed sample stands in a codestream that knows none.
  FrameWriter(const PixelFormat& format, const CodedPicture& coded, uint32_t sign_bit_at);

  // `index` counts samples; below rows * columns * samples_per_pixel.
  void put(uint64_t index, int32_t value);
  [[nodiscard]] Frame finish() && { return std::move(frame_); }

 private:
  enum class Sign { as_coded, extend, mask };

  Frame frame_;
  Sign sign_ = Sign::as_coded;
  uint32_t bits_ = 0;  // that count, where the sign is mended
};

// One sample of a native frame, whose samples of a pixel may lie apart. Little endian, 8 to 32 bits
// allocated or one; the bits above High Bit are cleared, or are the sign.
[[nodiscard]] int32_t sample_at(const Frame& frame, uint64_t pixel, unsigned sample);

}  // namespace pacs::pixel
