// Bulk data in metadata as the index keeps it: a value that is left out has its path within the
// data set in the place of its address.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dicomweb/dicomweb_services.h"

namespace pacs::dicomweb {

// With addresses in the places of the paths.
void append_with_addresses(std::string& out, std::string_view metadata_json,
                           std::string_view instance_url);

// "7FE00010", "54000100/1/54001010": of all bulk data of one object, in its order.
[[nodiscard]] std::vector<std::string> bulk_data_paths(std::string_view metadata_json);

// Of a DICOM instance, by what the index has of it; none of one without metadata.
[[nodiscard]] Result<std::vector<std::string>> bulk_data_paths_of(
    const DicomwebServices& services, const index::Scope& scope,
    const index::ImageRecord& instance);

}  // namespace pacs::dicomweb
