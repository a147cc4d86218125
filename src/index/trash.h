// The trash: images that were removed and can still come back, until they are purged. What is in it
// is in no answer but its own. Each call is one transaction.
//
// The order that survives any crash, and that archive/remove.h keeps: a tombstone is planned here,
// written to the blob store, then the rows are hidden; what is restored has its rows back before
// the tombstone is rewritten; what is purged is marked as going before its blob is deleted, and its
// row goes after it. A tombstone is unsettled as long as the file in the store may say something
// else than removed_images does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "index/audit_line.h"
#include "index/removal.h"
#include "index/scope.h"

namespace pacs::index {

class Database;

struct HideOrder {
  struct Part {
    int64_t tombstone_id = 0;
    std::vector<int64_t> image_ids{};
  };
  std::vector<Part> parts{};
  // Studies that are removed whole: uploads that still wait in one stay announced, outside it.
  std::vector<int64_t> study_ids{};
  UnixMillis purge_at = 0;
  std::string removed_by{};
};

struct Restored {
  int64_t images = 0;
  int64_t size_bytes = 0;
  int64_t images_going = 0;  // their bytes are being deleted already
};

struct TrashPlace {
  std::optional<int64_t> study_id{};
  std::optional<int64_t> series_id{};
  std::optional<int64_t> image_id{};
  dicom::StudyUid study_uid;
};

// Any thread. A scope that does not cover everything finds the trash empty.
class Trash {
 public:
  explicit Trash(Database& database) : database_(database) {}

  // --- in ---------------------------------------------------------------------------------------

  // The visible images of a removal. conflict/study_held and conflict/retention_date where a study
  // may not lose any (study_holds.h).
  [[nodiscard]] Result<std::vector<RemovedImage>> visible(const Scope& scope,
                                                          const Removal& removal,
                                                          UnixMillis now) const;
  // Rows for tombstones that are about to be written, unsettled; tells their ids.
  [[nodiscard]] Result<std::vector<int64_t>> plan(const std::vector<Tombstone>& tombstones);
  // Success: the images are in no answer, their keys are remembered as removed
  // (Images::was_removed), counts are right, a line for each is written; tells how many there were,
  // since some may have gone already. Their tombstones are settled when all were there. A study
  // or series without images goes too. Failure: nothing has changed; errors as of visible().
  [[nodiscard]] Result<std::vector<RemovedImage>> hide(const HideOrder& order,
                                                       const AuditLine& line);

  // --- back -------------------------------------------------------------------------------------

  // Success: the images of it that are in the trash are visible with the numbers that they had; a
  // line for each is written, and their tombstones are unsettled. Where there is none nothing is
  // written.
  [[nodiscard]] Result<Restored> restore(const Removal& removal, const AuditLine& line);

  // --- what is there ----------------------------------------------------------------------------

  [[nodiscard]] Result<std::optional<TrashedImage>> find(const Scope& scope,
                                                         const dicom::SopInstanceUid& uid) const;
  // The last removed first; those behind `after`.
  [[nodiscard]] Result<std::vector<TrashedStudy>> studies(const Scope& scope,
                                                          const std::optional<TrashPosition>& after,
                                                          size_t limit) const;
  [[nodiscard]] Result<std::optional<TrashedStudy>> find_study(const Scope& scope,
                                                               int64_t study_id) const;
  // Of one study, by id.
  [[nodiscard]] Result<std::vector<TrashedImage>> images(const Scope& scope, int64_t study_id,
                                                         int64_t after_id, size_t limit) const;
  // Does the blob under the key belong to an image in the trash?
  [[nodiscard]] Result<bool> holds(const Scope& scope, const ObjectKey& key) const;
  // Where a number or a UID of a study, series or image leads among what is in the trash.
  enum class Noun { study, series, image };
  [[nodiscard]] Result<std::optional<TrashPlace>> place(const Scope& scope, Noun noun,
                                                        std::string_view id) const;

  // --- for good ---------------------------------------------------------------------------------

  // Marks images whose time has come as going, the first due first, and tells them; those that were
  // marked before are told again. Studies that are held or retained are left out. `removal`: only
  // images of it.
  [[nodiscard]] Result<std::vector<RemovedImage>> begin_purge(UnixMillis now, size_t limit,
                                                              const Removal* removal = nullptr);
  // Lets images of a removal that are in the trash be due at once; tells what these are. Errors as
  // of visible().
  struct Due {
    size_t images = 0;
    uint64_t size_bytes = 0;
  };
  [[nodiscard]] Result<Due> make_due(const Removal& removal, UnixMillis now);
  // Lets images that could not be deleted be due again later, so that they stop no others.
  [[nodiscard]] Result<void> postpone(const std::vector<int64_t>& image_ids, UnixMillis until);
  // Those of the images that are still going.
  [[nodiscard]] Result<std::vector<int64_t>> still_going(
      const std::vector<int64_t>& image_ids) const;
  // The other stores that may hold bytes of these images (store_copies.h).
  struct Copy {
    int64_t image_id = 0;
    std::string store;
  };
  [[nodiscard]] Result<std::vector<Copy>> copies_of(const std::vector<int64_t>& image_ids) const;
  // Their blobs are gone: their rows go, a line for each is written.
  [[nodiscard]] Result<void> end_purge(const std::vector<RemovedImage>& images,
                                       const AuditLine& line);

  // --- tombstones -------------------------------------------------------------------------------

  [[nodiscard]] Result<std::vector<Tombstone>> unsettled() const;
  [[nodiscard]] Result<std::vector<Tombstone>> tombstones_of(
      const std::vector<int64_t>& image_ids) const;
  // What the file is to say; none: there is to be none.
  [[nodiscard]] Result<std::vector<RemovedImage>> images_of(const Tombstone& tombstone) const;
  // For an index that was made anew from the blobs, before anybody reads it: moves those images
  // that it shows and the file names, by key and hash, into the trash, remembers the others as
  // removed, and leaves the tombstone unsettled. Tells how many there were to move.
  [[nodiscard]] Result<int64_t> bury(const Tombstone& tombstone,
                                     const std::vector<RemovedImage>& images, UnixMillis purge_at,
                                     const AuditLine& line);
  // The file says so now. A tombstone without images is forgotten.
  [[nodiscard]] Result<void> settle(const Tombstone& tombstone);

 private:
  Database& database_;
};

}  // namespace pacs::index
