// The size of a JPEG (ITU-T T.81 B.2.2) or PNG (ISO/IEC 15948 11.2.2) picture, without decoding it.
#pragma once

#include <cstdint>

#include "core/result.h"
#include "dicom/media_kind.h"
#include "dicom/random_access.h"

namespace pacs::dicom {

// No device makes larger ones, and a decoder that believed more would ask for 4 GB.
inline constexpr uint32_t kPictureSideMax = 65'535;
// Segments before the frame header of a JPEG; cameras write about twenty.
inline constexpr size_t kJpegSegmentCountMax = 1'000;

struct PictureInfo {
  MediaKind kind = MediaKind::other;  // jpeg or png
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t components = 0;  // samples of a pixel; a palette counts as 3
  uint32_t bits = 0;        // of a sample
  // Of a JPEG: the n of its SOFn, and whether its colours are red, green and blue (an Adobe segment
  // or the names of its components say so).
  unsigned jpeg_process = 0;
  bool is_rgb = false;
  uint8_t orientation = 1;  // of a JPEG: that of Exif (exif_orientation.h)
};

// Errors: invalid_argument/truncated when the file ends before its size is told,
// invalid_argument/malformed when its structure is broken or a side is 0 or above the maximum,
// unsupported/not_a_picture for anything but JPEG and PNG, and whatever `file` answers.
[[nodiscard]] Result<PictureInfo> read_picture_info(const RandomAccess& file);

}  // namespace pacs::dicom
