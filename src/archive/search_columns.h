// The attributes that the index answers from its columns, and those that follow from them.
#pragma once

#include <optional>

#include "archive/search_query.h"
#include "dicom/json_elements.h"
#include "dicom/tag.h"

namespace pacs::archive {

// The level of the columns that have an attribute; nothing when only the data set has it.
[[nodiscard]] std::optional<SearchLevel> column_level(dicom::Tag tag);

// Its values; nothing when the hit is of a higher level, or no column has it. No value: empty.
[[nodiscard]] std::optional<dicom::AttributeValues> column_values(const SearchHit& hit,
                                                                  dicom::Tag tag);

}  // namespace pacs::archive
