// The numbers of frames in a path: "1", "1,2,5" (PS3.18 10.4.1.1.6).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace pacs::dicomweb {

// As many as a request may name: a cine loop of an hour at 30 a second is below it.
inline constexpr size_t kFramesAtOnceMax = 108'000;

// Zero-based, in the order asked for, which the parts of the answer keep. Errors:
// invalid_argument/bad_frame_list for what is no list of numbers from 1; not_found/no_such_frame
// for a number beyond `frame_count`; resource_exhausted/too_large for too many.
[[nodiscard]] Result<std::vector<size_t>> parse_frame_list(std::string_view text,
                                                           size_t frame_count);

}  // namespace pacs::dicomweb
