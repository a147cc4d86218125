// Which fragments of encapsulated pixel data make up which frame (PS3.5 A.4): by the offset tables
// where they can be believed, by their number, or by where a compressed picture starts.
#pragma once

#include <cstdint>
#include <vector>

#include "core/result.h"
#include "dicom/header_reader.h"

namespace pacs::dicom {

// For each frame the index of its first fragment; the first is 0, each is above the one before.
// `header` has encapsulated pixel data with at least one fragment, in a file. `frames` is what
// Number of Frames says, at least 1. Errors: invalid_argument/frames_unknown when nothing tells the
// frames apart, and whatever `file` answers.
[[nodiscard]] Result<std::vector<uint32_t>> group_fragments(const RandomAccess& file,
                                                            const Header& header, uint64_t frames);

}  // namespace pacs::dicom
