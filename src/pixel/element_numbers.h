// The numbers of elements of a data set: text (DS, IS) and binary ones, in the file's byte order.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "dicom/data_set.h"

namespace pacs::pixel {

// At most the first `count_max` values; NaN stands for one that is no number. Empty when the value
// is not in memory or of no VR that has numbers.
[[nodiscard]] std::vector<double> numbers_of(const dicom::ElementView& element, std::endian order,
                                             size_t count_max);
// The first value; nothing when it is absent or not finite.
[[nodiscard]] std::optional<double> find_number(dicom::DataSetView data_set, dicom::Tag tag,
                                                std::endian order);

// A value of 16-bit words as bytes, the low one of each first; of OB and UN as it is.
[[nodiscard]] ByteVector low_byte_first(const dicom::ElementView& element, std::endian order);

}  // namespace pacs::pixel
