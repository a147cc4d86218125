// A question about studies, and a page of the answer. A page is found by the position of a record,
// not by counting, so it neither skips nor repeats while studies arrive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "index/order.h"
#include "index/study_record.h"

namespace pacs::index {

enum class StudyOrdering { created_at, study_date, patient_name };
enum class SortDirection { ascending, descending };

// Where a record stands in an ordering.
struct StudyPosition {
  std::string sort_key{};  // in the form that the ordering compares; opaque to callers
  int64_t id = 0;
  friend bool operator==(const StudyPosition&, const StudyPosition&) = default;
};

// All filters given must hold. Texts are compared without regard to case.
struct StudyQuery {
  static constexpr size_t kPageMax = 500;
  static constexpr size_t kTextSizeMax = 256;  // longer: invalid_argument/too_long

  std::optional<OrderReference> order{};
  std::optional<std::string> patient_id{};       // the whole of it, in its own case
  std::optional<std::string> patient_name{};     // each word stands somewhere in the name
  std::optional<std::string> modality{};         // one of the study's, in its own case
  std::optional<std::string> study_date_from{};  // YYYY-MM-DD, inclusive; so is `to`
  std::optional<std::string> study_date_to{};
  // Each word stands somewhere in name, patient id, description or accession number.
  std::optional<std::string> search{};

  StudyOrdering ordering = StudyOrdering::created_at;
  SortDirection direction = SortDirection::descending;
  size_t page_size = 20;  // 1 to kPageMax

  // The page behind `after`, or the one before `before`, of which at most one is given.
  std::optional<StudyPosition> after{};
  std::optional<StudyPosition> before{};
};

struct StudyPage {
  std::vector<StudyRecord> studies{};
  int64_t count = 0;  // of all pages together, exactly
  // For `after` of the next page and `before` of the previous; absent where there is none.
  std::optional<StudyPosition> next{};
  std::optional<StudyPosition> previous{};
};

}  // namespace pacs::index
