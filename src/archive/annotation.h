// What is burned into a picture on demand (PS3.18 8.3.5.1.1): who the patient is, and how the image
// was made.
#pragma once

#include <string>
#include <vector>

#include "dicom/data_set.h"

namespace pacs::archive {

// Lines in UTF-8; none for what is not known.
[[nodiscard]] std::vector<std::string> patient_lines(dicom::DataSetView data_set);
[[nodiscard]] std::vector<std::string> technique_lines(dicom::DataSetView data_set, size_t frame,
                                                       size_t frame_count);

}  // namespace pacs::archive
