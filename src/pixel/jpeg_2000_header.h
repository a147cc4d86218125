// The main header of a JPEG 2000 codestream (ITU-T T.800 annex A; T.814 for high throughput): what
// the picture is, known before any codec sees it.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/samples.h"

namespace pacs::pixel {

struct Jpeg2000Header {
  CodedPicture picture;
  bool is_high_throughput = false;  // CAP says that blocks may be coded as T.814 does
  Bytes codestream;                 // without the boxes of JP2, which some devices write around it
};

// All components must have the picture's size or a part of it, and one precision. At most 65,535
// tiles, none so small that they are most of the work. Errors: invalid_argument/pixel_data. Any
// thread. The views are into `stored`.
[[nodiscard]] Result<Jpeg2000Header> read_jpeg_2000_header(Bytes stored);

}  // namespace pacs::pixel
