// The Native DICOM Model (PS3.19 A.1), the XML that DICOMweb speaks (PS3.18 F.3 says how it and the
// JSON model answer to each other). Both ways go by that JSON, so that there is one reader and one
// writer of data sets.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace pacs::dicom {

// One object of the DICOM JSON model as an XML document in UTF-8. Characters that XML cannot say
// become U+FFFD. Error: invalid_argument/bad_json for what is no such object.
[[nodiscard]] Result<std::string> to_native_xml(std::string_view json);

// Elements and values in all; more memory than a document of twenty times its size is not taken.
inline constexpr size_t kXmlNodeCountMax = 4'000'000;

// A document as the object that it says, numbers as texts. Errors: invalid_argument/bad_xml for
// what is no XML or no Native DICOM Model, also with a document type declaration, which no client
// needs; /nested_too_deeply, /too_many_elements.
[[nodiscard]] Result<std::string> native_xml_to_json(std::string_view xml);

}  // namespace pacs::dicom
