// Which way up a camera was held: the Orientation of Exif (CIPA DC-008 4.6.4 A), in a JPEG's APP1.
#pragma once

#include <cstdint>

#include "core/result.h"
#include "dicom/random_access.h"

namespace pacs::dicom {

// 1 (as it is) to 8: 2 mirrored, 3 turned by 180 degrees, 4 upside down and mirrored, 5 its rows
// are columns, 6 to be turned by 90 degrees to the right, 7 both, 8 by 90 degrees to the left.
// `offset` and `length` are those of the segment's content, behind its own length. 1 for anything
// that does not say so. Error: whatever `file` answers.
[[nodiscard]] Result<uint8_t> read_exif_orientation(const RandomAccess& file, uint64_t offset,
                                                    uint64_t length);

}  // namespace pacs::dicom
