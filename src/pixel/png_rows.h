// The pixels of a PNG (ISO/IEC 15948) as native pixel data, row by row: grey or red, green and
// blue, 8 or 16 bits, little endian. Transparency is left out, palettes are looked up.
#pragma once

#include <cstdint>
#include <memory>

#include "core/bytes.h"
#include "core/result.h"
#include "core/stream.h"
#include "dicom/random_access.h"

namespace pacs::pixel {

// Of what must be in memory as a whole, since its rows come in seven passes (interlaced).
inline constexpr uint64_t kInterlacedBytesMax = uint64_t{256} << 20;

struct PngFormat {
  uint32_t width = 0;
  uint32_t height = 0;
  unsigned samples = 1;  // 1 or 3
  unsigned bits = 8;     // 8 or 16
  [[nodiscard]] uint64_t row_bytes() const { return uint64_t{width} * samples * (bits / 8); }
  [[nodiscard]] uint64_t size_bytes() const { return row_bytes() * height; }
};

// From the file's beginning alone. Errors: invalid_argument/malformed, /truncated, as of
// dicom::read_picture_info().
[[nodiscard]] Result<PngFormat> read_png_format(const dicom::RandomAccess& file);

// Exactly format.size_bytes() bytes. Errors: invalid_argument/pixel_data for what is no PNG or ends
// early; resource_exhausted/decoding for an interlaced one that is too large; those of `sink`.
Result<void> write_png_pixels(const dicom::RandomAccess& file, const PngFormat& format,
                              ByteSink& sink);

}  // namespace pacs::pixel
