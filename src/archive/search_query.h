// What a search asks, and what it finds; the same for every protocol.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dicom/attribute_level.h"
#include "dicom/data_set_match.h"
#include "index/search_reader.h"

namespace pacs::archive {

// What is searched for: studies, series or instances.
using SearchLevel = dicom::AttributeLevel;

struct SearchQuery {
  SearchLevel level = SearchLevel::study;
  // In the form that DICOM gives them; empty: not restricted.
  std::string study_uid{};
  std::string series_uid{};

  // All must hold. Where an attribute of a lower level is asked for, one series or instance below
  // must have all that is asked of its level.
  std::vector<dicom::AttributeMatch> matches{};
  // "+0100": dates and times of the question are meant there (PS3.4 C.2.2.2.5).
  std::string timezone_offset{};

  index::SearchOrder order{};
  uint64_t offset = 0;
  std::optional<uint64_t> limit{};
  std::optional<index::SearchPosition> after{};  // of a tally: the next page
  bool wants_sop_classes = false;                // to be found in the hits
};

struct SearchHit {
  index::StudyRecord study;
  std::optional<index::SeriesRecord> series{};  // from SearchLevel::series on
  std::optional<index::SearchedImage> image{};  // of SearchLevel::instance
  std::string metadata{};                       // DICOM JSON of one instance of it; may be empty
  std::optional<std::vector<std::string>> sop_classes{};  // of the study, when asked for
};

// Beside the hits.
struct SearchTally {
  // For `after` of the next page; nothing when all has been told. Behind a full page data sets are
  // not read to find out: that page may be empty.
  std::optional<index::SearchPosition> next{};
  uint64_t remaining_count = 0;        // that the server's own limit has held back
  bool remaining_is_at_least = false;  // they were not counted to the end
  bool was_cut_short = false;          // too many data sets would have had to be read
};

// Is told each hit of the page, in order.
using HitSink = std::function<void(const SearchHit&)>;

}  // namespace pacs::archive
