// A study as the index knows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/clock.h"
#include "dicom/uid.h"
#include "index/order.h"

namespace pacs::index {

// What the images say about patient and study. Texts in UTF-8; empty when unknown.
struct StudyAttributes {
  std::string patient_id{};
  std::string patient_name{};
  std::string patient_birth_date{};  // YYYY-MM-DD
  std::string patient_sex{};
  std::string study_date{};  // YYYY-MM-DD
  std::string study_time{};  // HH:MM:SS
  std::string description{};
  std::string accession_number{};
  std::string referring_physician{};
  friend bool operator==(const StudyAttributes&, const StudyAttributes&) = default;
};

struct StudyRecord {
  int64_t id = 0;
  dicom::StudyUid study_uid;  // as it was spelt first
  std::optional<OrderReference> order{};
  StudyAttributes attributes{};
  std::string modality{};     // the distinct ones of its series, in order, joined by a backslash
  int64_t series_count = 0;   // series with images
  int64_t image_count = 0;    // images whose bytes are stored
  int64_t pending_count = 0;  // offline uploads announced whose bytes are not there
  int64_t size_bytes = 0;     // of its images
  UnixMillis created_at = 0;
  UnixMillis updated_at = 0;  // the last change of any of the above
};

}  // namespace pacs::index
