// Standard attributes that came as UN (PS3.5 6.2.2): their bytes are those of implicit VR little
// endian, and whoever knows the attribute may read them as the dictionary says.
#pragma once

#include <cstddef>
#include <optional>

#include "dicom/data_set.h"
#include "dicom/vr.h"

namespace pacs::dicom {

// That of the file; for a standard attribute that came as UN, that of the dictionary, unless the
// length of its value can be none of that. `pixels_are_signed` settles US or SS.
[[nodiscard]] Vr known_vr(const ElementView& element, bool pixels_are_signed);

// The sequence that the value of such an attribute is, as the only element of a data set whose
// values are all in memory; nothing where its bytes are no items. Of undefined length it is read as
// a sequence anyway.
[[nodiscard]] std::optional<DataSet> read_unknown_sequence(const ElementView& element,
                                                           size_t depth_max);

}  // namespace pacs::dicom
