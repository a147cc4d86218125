// When the bytes of each image were last found good, and what a walk over all images needs: pages
// of rows, and which keys of a listing have one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/object_key.h"
#include "core/result.h"
#include "index/image_record.h"
#include "index/scope.h"

namespace pacs::index {

class Database;

// Any thread. What it writes is book-keeping of the archive itself, hence without audit lines.
class ImageChecks {
 public:
  explicit ImageChecks(Database& database) : database_(database) {}

  // By id, those behind `after_id`; fewer than `limit` on the last page alone.
  [[nodiscard]] Result<std::vector<ImageRecord>> page(const Scope& scope, int64_t after_id,
                                                      size_t limit) const;

  // For each key, whether an image of this store, or with a copy there, has it, be it in the trash:
  // its bytes may be wanted again.
  [[nodiscard]] Result<std::vector<bool>> have_rows(const Scope& scope, std::string_view store,
                                                    const std::vector<ObjectKey>& keys) const;

  // When an image under this key was removed, and none was stored there since.
  [[nodiscard]] Result<std::optional<UnixMillis>> removed_at(const Scope& scope,
                                                             const ObjectKey& key) const;

  // Success: these images count as verified at `time`, and the files that were read as hashed (see
  // ImageAttributes::blob_identity). One that is gone meanwhile is left out.
  struct Verified {
    int64_t image_id = 0;
    std::string blob_identity;
  };
  [[nodiscard]] Result<void> set_verified(const std::vector<Verified>& images, UnixMillis time);
  [[nodiscard]] Result<std::optional<UnixMillis>> verified_at(const Scope& scope,
                                                              int64_t image_id) const;
  // When the image that has waited longest was last found good; one that never was counts from when
  // it was stored, since its bytes were hashed then. Nothing without images. Reads every row.
  [[nodiscard]] Result<std::optional<UnixMillis>> oldest_verified_at(const Scope& scope) const;

  // How far a walk has come, by the name of the walk: its own text, to go on from after a restart.
  [[nodiscard]] Result<void> set_progress(std::string_view walk, std::string_view progress);
  [[nodiscard]] Result<std::optional<std::string>> progress(std::string_view walk) const;

 private:
  Database& database_;
};

}  // namespace pacs::index
