// Scopes for tests and benchmarks: in the program only `access` makes them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "index/scope.h"

namespace pacs::tests {

class Scopes {
 public:
  [[nodiscard]] static index::Scope everything() { return index::Scope::everything(); }
  [[nodiscard]] static index::Scope one_study(int64_t study_id) {
    return index::Scope::studies({study_id});
  }
  [[nodiscard]] static index::Scope studies(std::vector<int64_t> study_ids) {
    return index::Scope::studies(std::move(study_ids));
  }
  [[nodiscard]] static index::Scope uploads_of(std::string owner) {
    return index::Scope::uploads_of(std::move(owner));
  }
  [[nodiscard]] static index::Scope nothing() { return index::Scope::nothing(); }
};

}  // namespace pacs::tests
