// A question about the images of a study or series, and a page of the answer: by series number,
// instance number and id, those without a number behind the others.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dicom/uid.h"
#include "index/image_record.h"

namespace pacs::index {

// Where an image stands in that order; found again even when it has been removed meanwhile.
struct ImagePosition {
  std::optional<int64_t> series_number{};
  int64_t series_id = 0;
  std::optional<int64_t> instance_number{};
  int64_t image_id = 0;
  friend bool operator==(const ImagePosition&, const ImagePosition&) = default;
};

// All that are given must hold; at least one of the four is given, else invalid_argument/no_filter.
struct ImageQuery {
  static constexpr size_t kPageMax = 5000;

  std::optional<int64_t> study_id{};
  std::optional<dicom::StudyUid> study_uid{};  // aliases too, as in Studies::find
  std::optional<int64_t> series_id{};
  std::optional<dicom::SeriesUid> series_uid{};

  std::optional<ImagePosition> after{};  // the last image of the page before
  size_t page_size = 1000;               // 1 to kPageMax
};

struct ImagePage {
  std::vector<ImageRecord> images{};
  std::optional<ImagePosition> next{};  // absent on the last page
};

}  // namespace pacs::index
