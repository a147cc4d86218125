// A data set as text for people: the content tree of a structured report (PS3.3 C.17.3), else all
// its attributes by name.
#pragma once

#include <string>

#include "dicom/data_set.h"

namespace pacs::dicom {

enum class TextForm { plain, html };

// Longer texts end with a line that says so; reports have a few kilobytes.
inline constexpr size_t kReadableTextSizeMax = size_t{4} << 20;

// UTF-8. As HTML it is a whole page with nothing in it that runs or loads; whatever stands in the
// data set is escaped.
[[nodiscard]] std::string readable_text(DataSetView data_set, TextForm form);

}  // namespace pacs::dicom
