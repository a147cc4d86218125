// An instance without who it is of, made while it is sent (dicom/deidentification.h).
#pragma once

#include <memory>

#include "archive/made_instance.h"
#include "dicom/deidentification.h"

namespace pacs::archive {

// Its pixels as they are stored: compressed ones in their transfer syntax, native ones in Explicit
// VR Little Endian. Errors: those of RetrieveService::open(), read_header() and FileWriter;
// unsupported/not_deidentified for what is no DICOM image, or shows who it is.
[[nodiscard]] Result<std::unique_ptr<MadeInstance>> make_deidentified(
    RetrieveService& retrieve, index::ImageRecord instance, const dicom::Pseudonyms& pseudonyms);

}  // namespace pacs::archive
