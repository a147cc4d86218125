// The query of a search (QIDO-RS): whatever is asked is refused or can be matched against any data
// set; an empty value never narrows. Input: the query, then a data set in the DICOM JSON Model.
#include <algorithm>
#include <string>
#include <vector>

#include "dicom/data_set_match.h"
#include "dicomweb/search_parameters.h"
#include "http/uri.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs;

namespace {

void check_matches(const archive::SearchQuery& query, std::string_view data_set) {
  std::vector<const dicom::AttributeMatch*> all;
  for (const dicom::AttributeMatch& match : query.matches) all.push_back(&match);
  // Each alone is asked less of the data set than all together.
  const bool matched = dicom::matches_all(data_set, all);
  for (const dicom::AttributeMatch* match : all) {
    const bool alone = dicom::matches_all(data_set, {match});
    FUZZ_CHECK(alone || !matched);
    FUZZ_CHECK(alone || !match->is_universal());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::Input input(data, size);
  const auto query = http::parse_query(input.take_line());
  if (!query) return 0;
  for (const auto level : {archive::SearchLevel::study, archive::SearchLevel::series,
                           archive::SearchLevel::instance}) {
    const auto parameters = dicomweb::read_search_parameters(*query, level);
    if (!parameters) {
      FUZZ_CHECK(!parameters.error().reason.empty());
      continue;
    }
    FUZZ_CHECK(parameters->query.matches.size() <= query->size());
    for (const std::string& warning : parameters->warnings) {
      FUZZ_CHECK(std::all_of(warning.begin(), warning.end(),
                             [](char c) { return c >= ' ' && c < '\x7f' && c != '"'; }));
    }
    check_matches(parameters->query, input.rest());
  }
  return 0;
}
