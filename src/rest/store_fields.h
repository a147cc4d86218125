// What a client says of an image in the same request as its bytes.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "archive/store_request.h"
#include "core/result.h"
#include "edge/authorise.h"
#include "rest/body_fields.h"

namespace pacs::rest {

// All of it is optional: the order, image_uuid, filename, checksum, file_size, image_metadata and
// its members one by one. `part_filename` counts when there is no field `filename`.
[[nodiscard]] Result<archive::StoreRequest> read_store_request(const edge::Caller& caller,
                                                               BodyFields& fields,
                                                               const std::string& part_filename);

// The names of those fields.
[[nodiscard]] const std::set<std::string, std::less<>>& store_field_names();

}  // namespace pacs::rest
