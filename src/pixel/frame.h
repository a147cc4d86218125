// One frame as numbers: what decoding yields, and what encoding and rendering take.
#pragma once

#include <cstdint>
#include <string>

#include "core/bytes.h"
#include "core/result.h"
#include "dicom/header_reader.h"

namespace pacs::pixel {

// A larger frame is neither decoded nor rendered: whole slide images come in tiles, and the largest
// radiographs have 30 megapixels.
inline constexpr uint64_t kFrameBytesMax = uint64_t{512} << 20;

// The Image Pixel module (PS3.3 C.7.6.3) of one frame.
struct PixelFormat {
  uint32_t rows = 0;
  uint32_t columns = 0;
  uint16_t samples_per_pixel = 1;
  uint16_t bits_allocated = 8;  // 1, 8, 16, 32 or 64
  uint16_t bits_stored = 8;
  uint16_t high_bit = 7;
  bool is_signed = false;    // Pixel Representation 1
  bool is_floating = false;  // Float or Double Float Pixel Data
  bool is_planar = false;    // Planar Configuration 1: one plane a sample
  bool is_in_words =
      false;  // stored as OW: in big endian the bytes of samples of 8 bits are swapped
  std::string photometric_interpretation;  // "MONOCHROME2", "YBR_FULL_422", …

  // Of a native frame; of one bit a pixel rounded up to whole bytes. YBR_FULL_422 has two thirds of
  // its samples (PS3.3 C.7.6.3.1.2).
  [[nodiscard]] uint64_t frame_bytes() const;

  // Errors: unsupported/no_pixels without pixel data; unsupported/pixel_format for what no image
  // can be (no rows, 7 bits allocated, …) or a frame beyond kFrameBytesMax.
  [[nodiscard]] static Result<PixelFormat> of(const dicom::Header& header);
};

struct Frame {
  PixelFormat format;
  ByteVector bytes;  // native, little endian; one bit a pixel from the low end of the first byte
};

}  // namespace pacs::pixel
