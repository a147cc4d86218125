// Walks from studies to their series and images for a search: conditions on columns narrow it down,
// and who searches looks at what comes along. One snapshot of the index for the whole of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "dicom/person_name_match.h"
#include "index/scope.h"
#include "index/series_record.h"
#include "index/study_query.h"
#include "index/study_record.h"

namespace pacs::index {

class Connection;
class Database;
class SqlQuery;

// All that are given must hold. UIDs in the form that DICOM gives them.
struct SearchConditions {
  std::vector<std::string> study_uids{};   // one of them; so of the two below
  std::vector<std::string> series_uids{};  // narrows studies and series
  std::vector<std::string> image_uids{};   // narrows studies, series and images
  std::vector<std::string> modalities{};   // one of the study's
  std::optional<std::string> patient_id{};
  std::optional<std::string> accession_number{};
  std::string study_date_from{};  // YYYY-MM-DD, inclusive; empty: no bound
  std::string study_date_to{};
  // A key of the patient's name matches one of them.
  std::vector<dicom::NameKey> name_keys{};
  // Decides by the patient's name before the rest of a study is read.
  std::function<bool(std::string_view name)> name_matches{};
};

enum class SearchOrdering {
  study_date,
  patient_name,
  patient_id,
  accession_number,
  study_description,
  study_uid,
};

struct SearchOrder {
  SearchOrdering studies = SearchOrdering::study_date;
  SortDirection direction = SortDirection::descending;
  SortDirection series_direction = SortDirection::ascending;  // by series number
  SortDirection image_direction = SortDirection::ascending;   // by instance number
};

// Where a record stands in the order of a search: behind it the next page begins, whether it is
// still there or not. A study stands by its column and id, a series and an image below it by
// theirs.
struct SearchPosition {
  struct Series {
    std::optional<int64_t> number{};
    int64_t id = 0;
    friend bool operator==(const Series&, const Series&) = default;
  };
  struct Image {
    std::optional<int64_t> number{};
    int64_t id = 0;
    friend bool operator==(const Image&, const Image&) = default;
  };
  std::string study_key{};  // as the ordering compares it; opaque to callers
  int64_t study_id = 0;
  std::optional<Series> series{};  // of a search of series and instances
  std::optional<Image> image{};    // of instances
  friend bool operator==(const SearchPosition&, const SearchPosition&) = default;
};

// An image as far as a search tells of it.
struct SearchedImage {
  int64_t id = 0;
  std::string image_uid{};  // in the form that DICOM gives it
  std::string sop_class_uid{};
  std::string mime_type{};
  std::string transfer_syntax{};
  std::optional<int64_t> instance_number{};
  std::optional<int64_t> rows{};
  std::optional<int64_t> columns{};
  int64_t frames = 1;
};

enum class Walk { go_on, stop };

// Belongs to the thread that reads. A visitor may call the other functions.
class SearchReader {
 public:
  SearchReader(const Database& database, Connection& connection, const Scope& scope,
               const SearchConditions& conditions, const SearchOrder& order,
               const std::optional<SearchPosition>& after)
      : database_(database),
        connection_(connection),
        scope_(scope),
        conditions_(conditions),
        order_(order),
        after_(after) {}

  // Studies, series and images of which bytes are stored, in the order asked for and then by id, so
  // that two walks over one index are alike. A walk that goes on after a position begins with the
  // study and the series that the position is in, wherever they have come to stand meanwhile.
  template <typename Record>
  using Visitor = std::function<Result<Walk>(const Record&)>;
  [[nodiscard]] Result<void> each_study(const Visitor<StudyRecord>& visit);
  // Of a study that each_study() has given.
  [[nodiscard]] Result<void> each_series(int64_t study_id, const Visitor<SeriesRecord>& visit);
  [[nodiscard]] Result<void> each_image(int64_t series_id, const Visitor<SearchedImage>& visit);

  // The DICOM JSON of an image; empty when it has none (pictures). `corrupt` when it does not
  // decompress.
  [[nodiscard]] Result<std::string> metadata(int64_t series_id, int64_t image_id);
  // That of one image of the series, of the study: which one does not change while it is there.
  [[nodiscard]] Result<std::string> metadata_of_series(int64_t series_id);
  [[nodiscard]] Result<std::string> metadata_of_study(int64_t study_id);
  // What the ordering compares of a study.
  [[nodiscard]] Result<std::string> study_key(int64_t study_id);
  // The distinct ones of a study, in order.
  [[nodiscard]] Result<std::vector<std::string>> sop_classes(int64_t study_id);

 private:
  [[nodiscard]] Result<Walk> walk_studies(const SqlQuery& sql, const Visitor<StudyRecord>& visit);

  const Database& database_;
  Connection& connection_;
  const Scope& scope_;
  const SearchConditions& conditions_;
  const SearchOrder& order_;
  const std::optional<SearchPosition>& after_;
};

// Any thread. `after`: the walk goes on there, or begins. `work` is of the form
// Result<void>(SearchReader&). Error: unavailable/busy when no connection came free in time, and
// those of the work.
[[nodiscard]] Result<void> search(const Database& database, const Scope& scope,
                                  const SearchConditions& conditions, const SearchOrder& order,
                                  const std::optional<SearchPosition>& after,
                                  const std::function<Result<void>(SearchReader&)>& work);

}  // namespace pacs::index
