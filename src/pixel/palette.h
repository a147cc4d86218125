// The colours of PALETTE COLOR pixels (PS3.3 C.7.6.3.1.5 and C.7.9): three tables, plain or
// segmented.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/bytes.h"
#include "core/result.h"
#include "dicom/data_set.h"
#include "pixel/look_up_table.h"

namespace pacs::pixel {

struct Palette {
  int64_t first_mapped = 0;
  // Red, green and blue of 8 bits; of equal length, never empty.
  std::array<std::vector<uint8_t>, 3> colours;

  [[nodiscard]] std::array<uint8_t, 3> at(int64_t input) const;

  // unsupported/palette where it is missing, too short or states what cannot be.
  [[nodiscard]] static Result<Palette> read(dicom::DataSetView data_set, FirstMapped first_mapped);
};

// The entries that segments stand for (PS3.3 C.7.9.2), 8 or 16 bits each, `entry_count` of them.
// unsupported/palette for segments that end too early, name an unknown kind, give more or fewer
// entries, or point to where no segment begins.
[[nodiscard]] Result<std::vector<uint16_t>> expand_segments(Bytes segments, unsigned bits,
                                                            size_t entry_count);

}  // namespace pacs::pixel
