// Overlay planes (PS3.3 C.9.2): drawings of one bit a pixel over the image, in groups 6000 to 601E.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "dicom/data_set.h"
#include "pixel/frame.h"
#include "pixel/picture.h"

namespace pacs::pixel {

struct Overlay {
  uint32_t rows = 0;
  uint32_t columns = 0;
  int32_t top = 0;  // of its first pixel in the image, from 0; may be outside
  int32_t left = 0;
  // Either bits of its own, row by row from the low end of each byte, beginning with `first_bit` …
  ByteVector bits;
  uint64_t first_bit = 0;
  // … or a bit of each stored pixel value that the pixel itself does not use (retired).
  bool is_embedded = false;
  unsigned bit_position = 0;
};

// Those that can be drawn over that frame; what is damaged, or not for this frame, is left out.
[[nodiscard]] std::vector<Overlay> read_overlays(dicom::DataSetView data_set, size_t frame_index);

// In white, as far as the overlay lies within the picture, which is the frame unscaled.
void draw_overlay(const Overlay& overlay, const Frame& frame, Picture& picture);

}  // namespace pacs::pixel
