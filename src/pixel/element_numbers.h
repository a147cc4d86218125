// The numbers of elements of a data set: text (DS, IS) and binary ones.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dicom/data_set.h"

namespace pacs::pixel {

// At most the first `count_max` values; NaN stands for one that is no number. Empty when the value
// is not in memory or of no VR that has numbers.
[[nodiscard]] std::vector<double> numbers_of(const dicom::ElementView& element, size_t count_max);
// The first value; nothing when it is absent or not finite.
[[nodiscard]] std::optional<double> find_number(dicom::DataSetView data_set, dicom::Tag tag);

}  // namespace pacs::pixel
