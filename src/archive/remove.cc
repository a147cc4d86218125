#include "archive/remove.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "core/log.h"

namespace pacs::archive {
namespace {

constexpr std::chrono::seconds kClaimWaitMax{60};  // an ingest of the same image ends before that
// Of one step: bounds how long the claims of its images are held. One step a second is 230,000
// images an hour, and leaves the disk to the readers.
constexpr size_t kPurgeBatch = 64;
// A blob that cannot be deleted (a store that is not configured) is tried again after that.
constexpr std::chrono::hours kPurgeRetry{1};

int64_t millis(std::chrono::milliseconds time) { return time.count(); }

Actor system_actor() { return {.id = "system", .name = "system", .request_id = ""}; }

std::vector<int64_t> ids_of(const std::vector<index::RemovedImage>& images) {
  std::vector<int64_t> ids;
  for (const index::RemovedImage& image : images) ids.push_back(image.image_id);
  return ids;
}

}  // namespace

RemoveService::RemoveService(Stores& stores, index::Database& database, Claims& claims,
                             index::Scope archive_scope, GuardedClock& clock, RemoveOptions options)
    : stores_(stores),
      trash_(database),
      tombstones_(stores, database, claims),
      claims_(claims),
      archive_scope_(std::move(archive_scope)),
      clock_(clock),
      options_(options) {}

Result<RemovalOutcome> RemoveService::remove(const index::Removal& removal, const Actor& actor,
                                             RemoveMode mode) {
  const UnixMillis now = clock_.now();
  const bool is_at_once = mode == RemoveMode::now || options_.retention.count() == 0;
  // Not due before it has been counted with what is in the trash already: the purge in the
  // background takes whatever is.
  const UnixMillis purge_at = clock_.latest() + millis(options_.retention);
  RemovalOutcome outcome;
  outcome.purge_at = is_at_once ? now : purge_at;
  const auto hidden = PACS_TRY(hide(removal, actor, now, purge_at));
  for (const index::RemovedImage& image : hidden) {
    ++outcome.images;
    outcome.size_bytes += static_cast<uint64_t>(image.size_bytes);
  }
  if (!is_at_once) return outcome;
  PACS_TRY(purge_of(removal, actor, outcome));
  return outcome;
}

// Tombstones first, then the rows: a crash between the two has removed nothing.
Result<std::vector<index::RemovedImage>> RemoveService::hide(const index::Removal& removal,
                                                             const Actor& actor, UnixMillis now,
                                                             UnixMillis purge_at) {
  const Claims::Claim claim = PACS_TRY(tombstones_.claim());
  // A wrong clock ends no retention date.
  auto images = PACS_TRY(trash_.visible(archive_scope_, removal, clock_.earliest()));
  for (index::RemovedImage& image : images) image.removed_at = now;
  index::HideOrder order{.study_ids = removal.study_ids, .purge_at = purge_at};
  order.removed_by = actor.name;
  index::AuditLine line = audit_line(actor, clock_, "image.remove");
  line.time = now;

  auto parts = tombstones_.write(claim, images);
  Result<std::vector<index::RemovedImage>> hidden = std::vector<index::RemovedImage>();
  if (parts) {
    order.parts = std::move(*parts);
    hidden = trash_.hide(order, line);
  } else {
    hidden = std::move(parts).error();
  }
  if (hidden && hidden->size() == images.size()) return hidden;
  // What was not hidden must not have a tombstone.
  if (const auto settled = tombstones_.settle(claim); !settled) {
    log_warning("tombstones_unsettled", {{"reason", settled.error().reason}});
  }
  return hidden;
}

Result<index::Restored> RemoveService::restore(const index::Removal& removal, const Actor& actor) {
  const auto restored =
      PACS_TRY(trash_.restore(removal, audit_line(actor, clock_, "image.restore")));
  PACS_TRY(tombstones_.settle());
  if (restored.images > 0) return restored;
  if (restored.images_going > 0) {
    return conflict("being_purged", "the images are being deleted for good and cannot come back");
  }
  return not_found("not_in_trash", "there is nothing of it in the trash");
}

// --- for good ---------------------------------------------------------------------------------

Result<void> RemoveService::purge_of(const index::Removal& removal, const Actor& actor,
                                     RemovalOutcome& outcome) {
  // Those that were in the trash before go too.
  const index::Trash::Due due = PACS_TRY(trash_.make_due(removal, clock_.earliest()));
  outcome.images = std::max(outcome.images, due.images);
  outcome.size_bytes = std::max(outcome.size_bytes, due.size_bytes);
  while (true) {
    auto images = PACS_TRY(trash_.begin_purge(clock_.earliest(), kPurgeBatch, &removal));
    if (images.empty()) return {};
    const std::vector<int64_t> asked = ids_of(images);
    const PurgeOutcome step = PACS_TRY(purge(std::move(images), actor, kClaimWaitMax));
    outcome.blobs_left += step.blobs_left;
    if (step.images + step.blobs_left > 0) continue;
    // The purge in the background has had them; or somebody is sending them again, one and all.
    const size_t left = PACS_TRY(trash_.still_going(asked)).size();
    outcome.blobs_left += left;
    if (left > 0) return {};
  }
}

Result<PurgeOutcome> RemoveService::purge_some() {
  auto images = PACS_TRY(trash_.begin_purge(clock_.earliest(), kPurgeBatch));
  if (images.empty()) return PurgeOutcome();
  return purge(std::move(images), system_actor(), std::chrono::milliseconds(0));
}

Result<void> RemoveService::delete_bytes(std::string_view store, const ObjectKey& key) {
  storage::BlobStore* blobs = PACS_TRY(stores_.find(store));
  return blobs->remove(key);
}

// Under the claims of the images, so that none is being restored by who sends it again.
Result<PurgeOutcome> RemoveService::purge(std::vector<index::RemovedImage> images,
                                          const Actor& actor,
                                          std::chrono::milliseconds claim_wait_max) {
  const std::lock_guard lock(purging_);
  std::vector<Claims::Claim> claims;
  std::vector<index::RemovedImage> claimed;
  for (index::RemovedImage& image : images) {
    auto claim = claims_.claim(image.image_uid, claim_wait_max);
    if (!claim) continue;
    claims.push_back(std::move(*claim));
    claimed.push_back(std::move(image));
  }
  const auto going = PACS_TRY(trash_.still_going(ids_of(claimed)));
  PACS_TRY(tombstones_.ensure(going));
  std::multimap<int64_t, std::string> copies;
  for (index::Trash::Copy& copy : PACS_TRY(trash_.copies_of(going))) {
    copies.emplace(copy.image_id, std::move(copy.store));
  }

  PurgeOutcome outcome;
  std::vector<index::RemovedImage> gone;
  std::vector<int64_t> left;
  for (index::RemovedImage& image : claimed) {
    if (!std::binary_search(going.begin(), going.end(), image.image_id)) continue;
    Result<void> deleted = delete_bytes(image.store, image.key);
    const auto [first, last] = copies.equal_range(image.image_id);
    for (auto copy = first; copy != last && deleted; ++copy) {
      deleted = delete_bytes(copy->second, image.key);
    }
    if (!deleted) {
      log_warning("purge_failed",
                  {{"image_id", image.image_id}, {"reason", deleted.error().reason}});
      left.push_back(image.image_id);
      continue;
    }
    outcome.size_bytes += static_cast<uint64_t>(image.size_bytes);
    gone.push_back(std::move(image));
  }
  PACS_TRY(trash_.end_purge(gone, audit_line(actor, clock_, "image.purge")));
  if (!left.empty()) PACS_TRY(trash_.postpone(left, clock_.earliest() + millis(kPurgeRetry)));
  outcome.images = gone.size();
  outcome.blobs_left = left.size();
  return outcome;
}

}  // namespace pacs::archive
