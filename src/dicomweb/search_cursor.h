// Where the next page of a search begins, as it travels in a cursor (edge/page_cursor.h seals it).
#pragma once

#include <string>
#include <string_view>

#include "archive/search_query.h"
#include "core/result.h"

namespace pacs::dicomweb {

// A JSON array: the study's key in base64url and its id, then number (or null) and id of the series
// and of the instance, as deep as the level is.
[[nodiscard]] std::string write_search_position(const index::SearchPosition& position);
// invalid_argument/bad_cursor for anything but a position of a search of this level.
[[nodiscard]] Result<index::SearchPosition> read_search_position(std::string_view text,
                                                                 archive::SearchLevel level);

}  // namespace pacs::dicomweb
