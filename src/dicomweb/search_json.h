// A hit of a search in the DICOM JSON Model (PS3.18 10.6.3.3 and annex F).
#pragma once

#include <string>
#include <string_view>

#include "archive/search_query.h"
#include "core/json_writer.h"
#include "dicomweb/search_parameters.h"

namespace pacs::dicomweb {

struct SearchView {
  archive::SearchLevel level;
  // Do hits of several studies, of several series come together? Then each tells of its own.
  bool shows_study = false;
  bool shows_series = false;
  const SearchFields& fields;
  std::string root;  // "https://pacs.example/dicom-web"
};

// Writes one JSON object: what tables 10.6.3-3 to 10.6.3-5 ask for, empty where it is not known,
// and the fields asked for.
void write_search_hit(JsonWriter& writer, const archive::SearchHit& hit, const SearchView& view);

}  // namespace pacs::dicomweb
