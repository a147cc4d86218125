// Reading studies.
#pragma once

#include <cstdint>
#include <optional>

#include "core/result.h"
#include "index/scope.h"
#include "index/study_query.h"
#include "index/study_record.h"

namespace pacs::index {

class Database;

// Any thread.
class Studies {
 public:
  explicit Studies(const Database& database) : database_(database) {}

  // `invalid_argument` (reasons "page_size", "too_long", "bad_position") for a query out of bounds.
  [[nodiscard]] Result<StudyPage> list(const Scope& scope, const StudyQuery& query) const;

  // Nothing when there is none that the scope covers. A former id (of a study that metadata alone
  // had made and that turned out to be another) finds that other.
  [[nodiscard]] Result<std::optional<StudyRecord>> find(const Scope& scope, int64_t id) const;
  // By its UID, a UUID also by its 2.25 form and the reverse; else by a UID that a client declared
  // before the bytes said otherwise.
  [[nodiscard]] Result<std::optional<StudyRecord>> find(const Scope& scope,
                                                        const dicom::StudyUid& uid) const;

 private:
  const Database& database_;
};

}  // namespace pacs::index
