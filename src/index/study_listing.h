// How a page of studies is found, so that neither a filter that nearly all match nor one that
// hardly any does makes it slow: gather the matches, sort them in the database, or walk along an
// index in the order of the answer.
#pragma once

#include <cstdint>

#include "core/result.h"
#include "index/study_filter.h"
#include "index/study_query.h"

namespace pacs::index {

class Connection;

struct StudyListingLimits {
  // So many matches are fetched and sorted by the program; that costs about a millisecond.
  int64_t gathered_max = 1000;
  // When one study in so many matches, a page is filled faster by looking at each study in order
  // than by sorting all matches.
  int64_t dense_factor = 5;
};

[[nodiscard]] Result<StudyPage> list_studies(Connection& connection, const StudyQuery& query,
                                             const StudyFilter& filter,
                                             const StudyListingLimits& limits = {});

}  // namespace pacs::index
