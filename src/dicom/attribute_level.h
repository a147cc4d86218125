// Of what an attribute speaks: of the patient and the study, of the series, or of one instance
// (PS3.3 A.1.2). A search at one level shows no attributes of those below (PS3.18 10.6.3.3).
#pragma once

#include "dicom/tag.h"

namespace pacs::dicom {

enum class AttributeLevel { study, series, instance };

// `instance` for everything that is not known to be the same for all of a series.
[[nodiscard]] AttributeLevel attribute_level(Tag tag);

}  // namespace pacs::dicom
