// The attributes of a DICOM image as rows for people, from the DICOM JSON that the index keeps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace pacs::rest {

struct AttributeRow {
  size_t depth = 0;     // within how many sequences it stands
  std::string tag;      // "(0010,0010)"
  std::string keyword;  // "PatientName"; empty for private and unknown ones
  std::string vr;
  std::string value;  // several with \ between them; what is binary as its size
};

// A structured report has thousands of items; nobody reads them as a table.
inline constexpr size_t kAttributeRowsMax = 2000;
inline constexpr size_t kAttributeDepthMax = 8;
inline constexpr size_t kAttributeValueBytesMax = 512;

// At most kAttributeRowsMax rows. `invalid_argument` when it is not DICOM JSON.
[[nodiscard]] Result<std::vector<AttributeRow>> attribute_rows(std::string_view dicom_json);

// "Doe^Jane^M^^" as "Doe, Jane M".
[[nodiscard]] std::string person_name_for_people(std::string_view person_name);

}  // namespace pacs::rest
