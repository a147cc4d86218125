#include "cli/archive_identity.h"

#include <optional>

#include "access/audit_lines.h"
#include "core/uuid.h"

namespace pacs::cli {
namespace {

constexpr std::string_view kPlannedId = "archive_id_planned";
constexpr std::string_view kAction = "archive.create";

Error without_id(const std::string& archive_id) {
  return conflict("store_without_id",
                  "the index belongs to archive " + archive_id +
                      ", but the image store belongs to none: is its disk mounted, is MEDIA_ROOT "
                      "the right folder? Nothing was changed");
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
                      "from its backup. Nothing was changed");
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

}  // namespace pacs::cli
