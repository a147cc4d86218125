// The keys of the patients' names (dicom/person_name_match.h), by which a search finds studies.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dicom/person_name_match.h"

namespace pacs::index {

class Connection;

[[nodiscard]] Result<void> make_study_names(Connection& connection);  // of all studies there are
[[nodiscard]] Result<void> write_study_names(Connection& connection, int64_t study_id,
                                             std::string_view patient_name);
[[nodiscard]] Result<void> erase_study_names(Connection& connection, int64_t study_id);

// The studies of which a key matches one of the patterns, in order of their ids; nothing when they
// are so many that a walk over all studies fills a page sooner.
[[nodiscard]] Result<std::optional<std::vector<int64_t>>> find_study_names(
    Connection& connection, const std::vector<dicom::NameKey>& patterns);

}  // namespace pacs::index
