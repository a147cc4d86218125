// A series as the index knows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dicom/uid.h"

namespace pacs::index {

struct SeriesAttributes {
  std::optional<int64_t> number{};
  std::string description{};
  std::string modality{};
  std::string body_part{};
  friend bool operator==(const SeriesAttributes&, const SeriesAttributes&) = default;
};

struct SeriesRecord {
  int64_t id = 0;
  int64_t study_id = 0;
  dicom::SeriesUid series_uid;
  SeriesAttributes attributes{};
  int64_t image_count = 0;
};

}  // namespace pacs::index
