// Where an attribute of one frame stands: in the functional groups of that frame, in those that all
// frames share (PS3.3 C.7.6.16), or in the data set itself.
#pragma once

#include <optional>

#include "dicom/data_set.h"

namespace pacs::pixel {

// The item of the macro's sequence (PixelValueTransformationSequence, FrameVOILUTSequence, …) for
// that frame; nothing where there is none, as in every image without functional groups.
[[nodiscard]] std::optional<dicom::DataSetView> find_functional_group(dicom::DataSetView data_set,
                                                                      size_t frame_index,
                                                                      dicom::Tag macro_sequence);

// The first item of a sequence.
[[nodiscard]] std::optional<dicom::DataSetView> find_first_item(dicom::DataSetView data_set,
                                                                dicom::Tag sequence);

}  // namespace pacs::pixel
