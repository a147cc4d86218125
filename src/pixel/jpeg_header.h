// The markers of a JPEG or JPEG-LS stream before its first scan (ITU-T T.81 annex B, T.87 annex C):
// what the picture is, known before any codec sees it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/samples.h"

namespace pacs::pixel {

struct JpegHeader {
  CodedPicture picture;
  // 0 baseline, 1 extended, 2 progressive, 3 lossless, 9 and 10 the same arithmetically coded, 55
  // JPEG-LS, …: the number behind SOF.
  uint32_t process = 0;
  bool has_jfif = false;
  std::optional<uint8_t> adobe_transform;  // of APP14: 0 none, 1 YCbCr, 2 YCCK
  std::array<uint8_t, 4> component_ids{};
};

// Errors: invalid_argument/pixel_data. Any thread.
[[nodiscard]] Result<JpegHeader> read_jpeg_header(Bytes stored);

}  // namespace pacs::pixel
