#include "cli/archive_identity.h"

#include <optional>

#include "access/audit_lines.h"
#include "core/uuid.h"
#include "index/store_copies.h"

namespace pacs::cli {
namespace {

constexpr std::string_view kPlannedId = "archive_id_planned";
constexpr std::string_view kRebuiltId = "archive_id_rebuilt";
constexpr std::string_view kRebuildAction = "archive.rebuild";
constexpr std::string_view kAction = "archive.create";

Error without_id(const std::string& archive_id) {
  return conflict("store_without_id",
                  "the index belongs to archive " + archive_id +
                      ", but the image store belongs to none: is its disk mounted, is MEDIA_ROOT "
                      "the right folder? If RADIOLOGY_STORAGE was changed, run `pacs-lite migrate` "
                      "first. Nothing was changed");
}

Error of_another(const std::string& archive_id, const std::string& other) {
  return conflict("store_of_another",
                  "the index belongs to archive " + archive_id +
                      ", but the image store to archive " + other +
                      ": PACS_LITE_DATA and MEDIA_ROOT do not belong together. Nothing was "
                      "changed");
}

Error without_index(const std::string& archive_id) {
  return conflict("index_missing",
                  "the image store belongs to archive " + archive_id +
                      ", but the index is empty: is PACS_LITE_DATA the right folder? Restore it "
                      "from its backup, or make it from the images: `pacs-lite rebuild`. Nothing "
                      "was changed");
}

Error unfinished(const std::string& archive_id) {
  return conflict("rebuild_unfinished", "the index of archive " + archive_id +
                                            " is being rebuilt and not complete: run `pacs-lite "
                                            "rebuild` again, which goes on where it was cut");
}

}  // namespace

Result<std::string> settle_archive_id(storage::BlobStore& store, index::ArchiveState& index,
                                      const Clock& clock, Random& random) {
  const std::optional<std::string> known = PACS_TRY(index.find(index::ArchiveState::kArchiveId));
  const std::optional<std::string> stored = PACS_TRY(store.read_archive_id());
  if (known) {
    if (!stored) return without_id(*known);
    if (*stored != *known) return of_another(*known, *stored);
    return *known;
  }

  std::optional<std::string> planned = PACS_TRY(index.find(kPlannedId));
  if (const auto rebuilt = PACS_TRY(index.find(kRebuiltId))) return unfinished(*rebuilt);
  if (stored && stored != planned) return without_index(*stored);
  if (!planned) {
    planned = Uuid::random(random).str();
    PACS_TRY(index.set(kPlannedId, *planned, access::system_audit_line(kAction, clock)));
  }
  PACS_TRY(store.write_archive_id(*planned));
  PACS_TRY(index.set(index::ArchiveState::kArchiveId, *planned,
                     access::system_audit_line(kAction, clock)));
  return *planned;
}

Result<void> check_is_not_elsewhere(const index::ArchiveState& index, const std::string& bucket) {
  if (!PACS_TRY(index.find(index::bucket_elsewhere_state(bucket)))) return {};
  return conflict("other_bucket",
                  "the settings name the bucket " + bucket +
                      ", and the images lie in another one: they are being moved here and the "
                      "cut-over is missing (`pacs-lite migrate --to-bucket FILE --cut-over`, with "
                      "the settings of before), or they were moved away. Nothing was changed");
}

Result<std::string> begin_rebuild(storage::BlobStore& store, index::ArchiveState& index,
                                  const Clock& clock) {
  if (const auto known = PACS_TRY(index.find(index::ArchiveState::kArchiveId))) {
    return conflict("index_present",
                    "the index of archive " + *known +
                        " is there. To make it anew all the same, move the index away (index.db "
                        "and what begins with its name), then run this again");
  }
  const auto stored = PACS_TRY(store.read_archive_id());
  if (!stored) {
    return conflict("nothing_to_rebuild",
                    "the image store belongs to no archive: is its disk mounted, is MEDIA_ROOT the "
                    "right folder?");
  }
  const auto begun = PACS_TRY(index.find(kRebuiltId));
  if (begun && *begun != *stored) return of_another(*begun, *stored);
  PACS_TRY(index.set(kRebuiltId, *stored, access::system_audit_line(kRebuildAction, clock)));
  return *stored;
}

Result<void> end_rebuild(const std::string& archive_id, index::ArchiveState& index,
                         const Clock& clock) {
  return index.set(index::ArchiveState::kArchiveId, archive_id,
                   access::system_audit_line(kRebuildAction, clock));
}

}  // namespace pacs::cli
