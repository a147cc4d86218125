// Colours of one ICC profile as those of another (ICC.1:2010), by Little CMS. A profile comes with
// a file of anybody: it is read where compressed pixels are, in a process that can be lost.
#pragma once

#include "core/bytes.h"
#include "core/result.h"
#include "pixel/frame.h"
#include "pixel/icc_profile.h"

namespace pacs::pixel {

// What has to be known to convert: the profiles, and the pixels, R G B of eight bits each.
[[nodiscard]] ByteVector conversion_request(Bytes source_profile, Bytes target_profile,
                                            Bytes pixels);

// Of a request as it was made there, for a picture of `format` (RGB of eight bits). By the
// perceptual intent of the profiles. Errors: invalid_argument/icc_profile for a source that is no
// profile of RGB, or a damaged one; invalid_argument/pixel_data when the bytes are no such request.
[[nodiscard]] Result<Frame> convert_pixels(const PixelFormat& format, Bytes request);

}  // namespace pacs::pixel
