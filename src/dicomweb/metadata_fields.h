// `includefield` of a retrieval of metadata, an extension of ours: which attributes are shown,
// where a client wants a few out of some hundred of each of thousands of instances.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/result.h"
#include "dicom/tag.h"
#include "http/request.h"

namespace pacs::dicomweb {

// Repeated or with commas, tags or keywords; of a path into sequences the whole sequence. What
// tells which instance it is comes with them. Nothing where all are wanted: without the parameter,
// or with `all`. Error: invalid_argument/bad_parameter for what is no attribute that is known here.
[[nodiscard]] Result<std::optional<std::set<dicom::Tag>>> read_metadata_fields(
    const http::Request& request);

// Of metadata as the index keeps it.
[[nodiscard]] std::string with_fields_alone(std::string_view metadata_json,
                                            const std::set<dicom::Tag>& fields);

}  // namespace pacs::dicomweb
