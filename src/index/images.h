// Reading images and their series.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/object_key.h"
#include "core/result.h"
#include "index/image_query.h"
#include "index/image_record.h"
#include "index/scope.h"
#include "index/series_record.h"

namespace pacs::index {

class Database;

struct InstanceMetadata {
  int64_t image_id = 0;
  std::string json;  // the DICOM JSON Model (PS3.18 annex F), as it was given to Ingests::commit
};

// Any thread. What the scope does not cover is absent, and not an error.
class Images {
 public:
  explicit Images(Database& database) : database_(database) {}

  [[nodiscard]] Result<ImagePage> list(const Scope& scope, const ImageQuery& query) const;

  [[nodiscard]] Result<std::optional<ImageRecord>> find(const Scope& scope, int64_t id) const;
  [[nodiscard]] Result<std::optional<ImageRecord>> find(const Scope& scope,
                                                        const dicom::SopInstanceUid& uid) const;
  [[nodiscard]] Result<std::optional<ImageRecord>> find(const Scope& scope,
                                                        const ObjectKey& key) const;

  // By number, then id.
  [[nodiscard]] Result<std::vector<SeriesRecord>> series_of_study(const Scope& scope,
                                                                  int64_t study_id) const;
  [[nodiscard]] Result<std::optional<SeriesRecord>> find_series(const Scope& scope,
                                                                int64_t id) const;
  // Also by a UID that a client declared before the bytes said otherwise.
  [[nodiscard]] Result<std::optional<SeriesRecord>> find_series(const Scope& scope,
                                                                const dicom::SeriesUid& uid) const;

  // In the order of the ids given; images without metadata are left out. `corrupt` when one does
  // not decompress.
  [[nodiscard]] Result<std::vector<InstanceMetadata>> metadata(
      const Scope& scope, const std::vector<int64_t>& image_ids) const;
  // One run over the table, in the order of the image ids.
  [[nodiscard]] Result<std::vector<InstanceMetadata>> metadata_of_series(const Scope& scope,
                                                                         int64_t series_id) const;

  // As it was given to Ingests::commit; nothing when the image has none.
  [[nodiscard]] Result<std::optional<ByteVector>> frame_table(const Scope& scope,
                                                              int64_t image_id) const;

  // True when an image was stored under the key, was removed, and none has been stored there since.
  [[nodiscard]] Result<bool> was_removed(const Scope& scope, const ObjectKey& key) const;

  // Remembers the file that was hashed last. Book-keeping, hence no audit line.
  [[nodiscard]] Result<void> set_blob_identity(int64_t image_id, const std::string& identity);

 private:
  Database& database_;
};

}  // namespace pacs::index
