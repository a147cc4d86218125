// The rows of the trash inside a write transaction: how they get there, come back, and end. Whole
// sets at a time, so that a study of thousands of images costs a handful of statements.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/object_key.h"
#include "core/result.h"
#include "dicom/uid.h"
#include "index/removal.h"
#include "index/study_rows.h"

namespace pacs::index {

class Connection;

struct TrashTerms {
  int64_t tombstone_id = 0;
  UnixMillis removed_at = 0;
  UnixMillis purge_at = 0;
  std::string removed_by{};
};

class TrashRows {
 public:
  explicit TrashRows(Connection& connection) : connection_(connection), studies_(connection) {}

  // The numbers of what is in the trash.
  [[nodiscard]] Result<std::optional<int64_t>> find_study(const dicom::StudyUid& uid) const;
  [[nodiscard]] Result<std::optional<int64_t>> find_series(int64_t study_id,
                                                           const dicom::SeriesUid& uid) const;

  // Moves images there, and each series and study that has none left. Counts follow.
  [[nodiscard]] Result<void> hide(const std::vector<int64_t>& image_ids, const TrashTerms& terms);
  // Moves images back, with the series, study, uploads that they had; their tombstones are
  // unsettled then. All of them must be in the trash.
  [[nodiscard]] Result<void> restore(const std::vector<int64_t>& image_ids, UnixMillis now);
  // Ends images in the trash for good, and what is left without any.
  [[nodiscard]] Result<void> forget(const std::vector<int64_t>& image_ids);

  // Puts the row of a study back, empty, since an image of it comes; nothing when it is not there.
  [[nodiscard]] Result<std::optional<KnownStudy>> revive_study(const dicom::StudyUid& uid);
  // True when it was there.
  [[nodiscard]] Result<bool> revive_series(int64_t study_id, const dicom::SeriesUid& uid);

  // Another image is stored under the key of a removed one, whose tombstone is unsettled then.
  // True when one was removed from under it.
  [[nodiscard]] Result<bool> forget_removed(const ObjectKey& key);
  [[nodiscard]] Result<bool> has_unsettled_tombstones() const;

 private:
  struct SeriesShare {
    int64_t series_id = 0;
    int64_t study_id = 0;
    int64_t images = 0;
    int64_t size_bytes = 0;
  };
  Result<std::vector<SeriesShare>> shares(std::string_view table, const std::string& ids) const;
  Result<void> copy_in(const std::string& ids, const TrashTerms& terms);
  Result<void> leave_series(const std::vector<SeriesShare>& shares, UnixMillis now);
  Result<void> join_series(const std::vector<SeriesShare>& shares, UnixMillis now);
  Result<bool> revive_study(int64_t id);
  Result<bool> revive_series(int64_t id);

  Connection& connection_;
  StudyRows studies_;
};

// "[1,2,3]": how a set of numbers goes into a statement, for json_each.
[[nodiscard]] std::string id_list(const std::vector<int64_t>& ids);

}  // namespace pacs::index
