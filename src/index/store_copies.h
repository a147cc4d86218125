// Which stores hold an image beside the one that its row names, and which images still lack a
// verified copy in a store that an archive moves to. The moving process opens the index beside the
// server (docs/adr/0010); the cut-over is done by who owns the data folder.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "index/audit_line.h"
#include "index/scope.h"
#include "index/stored_images.h"

namespace pacs::index {

class Connection;
class Database;

struct MovingImage {
  StoredImage image;
  bool is_verified_there = false;
  bool is_at_home_there = false;  // its row names the target itself
};

// One thread at a time.
class StoreCopies {
 public:
  // Of the index at `path`, of this program's schema (StoredImages::open() checks that), towards
  // the store `target`. `scope` must cover everything.
  [[nodiscard]] static Result<std::unique_ptr<StoreCopies>> open(const std::filesystem::path& path,
                                                                 std::string target,
                                                                 const Scope& scope);
  ~StoreCopies();
  StoreCopies(const StoreCopies&) = delete;
  StoreCopies& operator=(const StoreCopies&) = delete;

  struct Totals {
    uint64_t images = 0;
    uint64_t size_bytes = 0;
    uint64_t in_target = 0;  // of all images, those whose row names the target itself
    uint64_t lacking = 0;    // those without a verified copy there
  };
  // Of what readers see and what is in the trash, as all below.
  [[nodiscard]] Result<Totals> totals();

  // The target is a bucket "s3:…", and until the cut-over not what rows mean by "s3": no server may
  // start with it as that.
  [[nodiscard]] Result<void> note_target_elsewhere();

  enum class Which { elsewhere, all };  // without and with those whose rows name the target
  // Begins at the first image again.
  void rewind();
  // The next ones; none when all were given.
  [[nodiscard]] Result<std::vector<MovingImage>> next(size_t limit, Which which = Which::elsewhere);

  // Success: the rows say that the target may hold these, which lie elsewhere, durably, so that a
  // purge deletes there too. One that is gone, or just going, is left out.
  [[nodiscard]] Result<void> begin(const std::vector<MovingImage>& images);
  // Success: the rows name the target's copies as verified; tells the ids of those that were
  // purged meanwhile, whose copies nobody wants.
  [[nodiscard]] Result<std::vector<int64_t>> keep(const std::vector<int64_t>& image_ids,
                                                  UnixMillis now);

 private:
  StoreCopies(std::unique_ptr<Connection> connection, std::string target);
  [[nodiscard]] Result<std::vector<MovingImage>> page(std::string_view table, size_t limit,
                                                      Which which);

  std::unique_ptr<Connection> connection_;
  const std::string target_;
  bool is_in_trash_ = false;
  int64_t after_id_ = 0;
};

struct CutOver {
  std::string target;  // the store with the copies
  std::string name;    // what rows call it from now on: its name, or "s3" for a bucket "s3:…"
  // Then what rows call the bucket of the settings until now, "s3" or "minio", and from now on,
  // "minio:…"; else empty.
  std::string settings_name;
  std::string former;
};

// Success: every row names the target as its store and its former store as a copy, durably, in one
// transaction; tombstones are to be written there. Tells how many rows changed. Failure: nothing
// has changed. `conflict` (reason "copies_missing"), with their number, while images lack a
// verified copy; "name_taken" while rows mean another store by the name. No other process may
// write.
[[nodiscard]] Result<int64_t> cut_over_to(Database& database, const CutOver& stores,
                                          AuditLine line);

// The state of the archive that is there for a bucket "s3:…" which is not the one that rows mean by
// "s3": images are being moved to it, or were moved away from it.
[[nodiscard]] std::string bucket_elsewhere_state(std::string_view bucket);

// After a restore from a backup, which puts all into one store wherever it lay before: every row
// names `target`, and every tombstone is to be written there, durably, in one transaction.
[[nodiscard]] Result<void> place_all_in(Database& database, std::string_view target,
                                        AuditLine line);

// The names of the tombstones that the index knows, with the store of each.
struct TombstonePlace {
  std::string name;
  std::string store;
};
[[nodiscard]] Result<std::vector<TombstonePlace>> tombstone_places(const Database& database,
                                                                   const Scope& scope);

}  // namespace pacs::index
