#include "archive/remove.h"

#include <chrono>
#include <utility>

#include "core/log.h"

namespace pacs::archive {
namespace {
constexpr std::chrono::seconds kClaimWaitMax{60};  // an ingest of the same image ends before that
}

RemoveService::RemoveService(Stores& stores, index::Database& database, Claims& claims,
                             index::Scope archive_scope, const Clock& clock)
    : stores_(stores),
      ingests_(database),
      images_(database),
      claims_(claims),
      archive_scope_(std::move(archive_scope)),
      clock_(clock) {}

Result<RemovalOutcome> RemoveService::remove(const index::Removal& removal, const Actor& actor) {
  const auto removed =
      PACS_TRY(ingests_.remove(removal, audit_line(actor, clock_, "image.remove")));
  RemovalOutcome outcome;
  for (const index::RemovedImage& image : removed) {
    ++outcome.images;
    outcome.size_bytes += static_cast<uint64_t>(image.size_bytes);
    if (auto deleted = delete_blob(image); !deleted) {
      ++outcome.blobs_left;
      log_warning("removed_blob_left",
                  {{"image_id", image.image_id}, {"reason", deleted.error().reason}});
    }
  }
  return outcome;
}

// Under the image's claim, and only when no ingest has stored it again since its row went: else
// this would delete the bytes of an image that was just acknowledged.
Result<void> RemoveService::delete_blob(const index::RemovedImage& removed) {
  const Claims::Claim claim = PACS_TRY(claims_.claim(removed.image_uid, kClaimWaitMax));
  if (PACS_TRY(images_.find(archive_scope_, removed.key))) return {};
  storage::BlobStore* store = PACS_TRY(stores_.find(removed.store));
  return store->remove(removed.key);
}

}  // namespace pacs::archive
