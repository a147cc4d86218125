// The archive's id stands on both sides, in the index and in the store, so that neither is ever
// used with a stranger: an unmounted disk is not an empty archive.
#pragma once

#include <string>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "index/archive_state.h"
#include "storage/blob_store.h"

namespace pacs::cli {

// The id, once both sides have it. On the first start it is made: noted in the index as planned,
// written into the store, then confirmed in the index, so that a crash on the way is finished by
// the next start. Errors, after which nothing has changed:
//   conflict/store_without_id    the index knows an archive, the store knows none: not mounted?
//   conflict/store_of_another    the store belongs to another archive
//   conflict/index_missing       the store belongs to an archive, the index is empty
//   conflict/rebuild_unfinished  the index is being rebuilt, and that was cut
//   and those of the two sides
[[nodiscard]] Result<std::string> settle_archive_id(storage::BlobStore& store,
                                                    index::ArchiveState& index, const Clock& clock,
                                                    Random& random);

// `conflict` (reason "other_bucket") when `bucket` (name_of_bucket()) is one that images are being
// moved to, or were moved away from: rows mean another one.
[[nodiscard]] Result<void> check_is_not_elsewhere(const index::ArchiveState& index,
                                                  const std::string& bucket);

// For an index that is rebuilt: the store's id, which the index has only when all is there again.
// Errors, after which nothing has changed: conflict/index_present unless the index is empty or of a
// rebuild that was cut; conflict/nothing_to_rebuild when the store belongs to no archive;
// conflict/store_of_another.
[[nodiscard]] Result<std::string> begin_rebuild(storage::BlobStore& store,
                                                index::ArchiveState& index, const Clock& clock);
[[nodiscard]] Result<void> end_rebuild(const std::string& archive_id, index::ArchiveState& index,
                                       const Clock& clock);

}  // namespace pacs::cli
