// What the blob stores keep of removed images, so that an index that is made anew from the blobs
// does not show them again: the texts of docs/design/tombstone.md, and when they are written.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "archive/claims.h"
#include "archive/stores.h"
#include "core/result.h"
#include "index/removal.h"
#include "index/trash.h"

namespace pacs::archive {

[[nodiscard]] std::string tombstone_text(const std::vector<index::RemovedImage>& images);
// `corrupt` (reason "bad_tombstone"). Stores and sizes are not in it.
[[nodiscard]] Result<std::vector<index::RemovedImage>> parse_tombstone(std::string_view text);

// Any thread.
class Tombstones {
 public:
  // A restored image rewrites the tombstone that it is in, so that it should be small; a removed
  // study should be few.
  static constexpr size_t kImagesPerTombstone = 256;

  Tombstones(Stores& stores, index::Database& database, Claims& claims)
      : stores_(stores), trash_(database), claims_(claims) {}

  // Nobody else plans, writes or settles as long as it is held.
  [[nodiscard]] Result<Claims::Claim> claim();

  // Success: the tombstones of these images are on stable storage, unsettled; hide the images, or
  // settle. Failure: settle.
  [[nodiscard]] Result<std::vector<index::HideOrder::Part>> write(
      const Claims::Claim& claim, const std::vector<index::RemovedImage>& images);

  // Success: the store says of every unsettled tombstone what the index says. What begins with this
  // after a crash: an image whose removal was cut is not removed, a restored one is not either.
  [[nodiscard]] Result<void> settle(const Claims::Claim& claim);
  [[nodiscard]] Result<void> settle();
  // Waits for nobody when all are settled.
  [[nodiscard]] Result<void> settle_if_needed();

  // After an index was made anew from the blobs of a store, before anybody reads it: what the
  // store's tombstones name is in the trash again, or remembered as removed; tells how many went
  // into the trash, where it stays until `purge_at`: a legal hold that kept it there went with the
  // index. `corrupt` (reason "bad_tombstone") when one cannot be read: rather no archive than one
  // that shows what was removed.
  [[nodiscard]] Result<int64_t> bury(storage::BlobStore& store, UnixMillis purge_at,
                                     const index::AuditLine& line);

  // Success: the store has the tombstones of these images, which are in the trash; a lost one was
  // written again. To be asked before their blobs are deleted.
  [[nodiscard]] Result<void> ensure(const std::vector<int64_t>& image_ids);

 private:
  Result<void> write_again(const index::Tombstone& tombstone);

  Stores& stores_;
  index::Trash trash_;
  Claims& claims_;
};

}  // namespace pacs::archive
