// Finds studies, series and instances by any of their attributes.
#pragma once

#include "archive/search_query.h"
#include "core/result.h"
#include "index/scope.h"

namespace pacs::index {
class Database;
}

namespace pacs::archive {

struct SearchLimits {
  // Hits of one answer; an instance is about 1 kB of it.
  uint64_t hits_max = 10'000;
  // Those behind are counted as far, to tell the client.
  uint64_t counted_max = 100'000;
  // Data sets that are read to be matched: about a second's work.
  uint64_t data_sets_max = 50'000;
};

// Any thread.
class SearchService {
 public:
  explicit SearchService(const index::Database& database, SearchLimits limits = {})
      : database_(database), limits_(limits) {}

  // What the scope does not cover is not found. Attributes with a column are answered from it, so
  // that nothing else is read; for the others the data sets of those that are left are looked at.
  // Errors: unavailable/busy, and `corrupt` for metadata that cannot be read.
  [[nodiscard]] Result<SearchTally> search(const index::Scope& scope, const SearchQuery& query,
                                           const HitSink& tell) const;

 private:
  const index::Database& database_;
  const SearchLimits limits_;
};

}  // namespace pacs::archive
