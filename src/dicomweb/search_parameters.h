// The query of a search (PS3.18 8.3.4): from parameters to what archive/search is asked, and which
// attributes the answer shows.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "archive/search_query.h"
#include "core/result.h"
#include "dicom/tag.h"
#include "http/uri.h"

namespace pacs::dicomweb {

// What each hit shows beside what the standard asks for in any case.
struct SearchFields {
  std::set<dicom::Tag> tags{};
  bool all = false;
};

struct SearchParameters {
  archive::SearchQuery query{};
  SearchFields fields{};
  std::optional<std::string> cursor{};  // as it came: `query` has no `after` yet
  std::vector<std::string> warnings{};  // what was not honoured, in sentences
};

// Errors: `invalid_argument` (reason "bad_parameter" for limit, offset and the switches, also when
// sent twice, and for an offset beside a cursor; "unknown_attribute"; "bad_value"), which names the
// parameter.
[[nodiscard]] Result<SearchParameters> read_search_parameters(
    const http::QueryParameters& parameters, archive::SearchLevel level);

}  // namespace pacs::dicomweb
