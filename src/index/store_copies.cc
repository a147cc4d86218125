#include "index/store_copies.h"

#include <utility>

#include "core/assert.h"
#include "index/database.h"
#include "index/rows.h"
#include "index/sqlite_connection.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

// Each as a table of its own, so that the queries below are the same for both.
constexpr std::string_view kShown = "images";
constexpr std::string_view kTrashed = "(SELECT * FROM trashed_images WHERE is_going = 0)";

// ?1 is the target; of a row `i`.
constexpr std::string_view kIsVerifiedThere =
    "EXISTS (SELECT 1 FROM image_copies c WHERE c.image_id = i.id AND c.store = ?1"
    " AND c.verified_at IS NOT NULL)";

// Together, or not at all. The error of the work is the one to tell.
template <typename Work>
Result<void> in_transaction(Connection& connection, Work&& work) {
  PACS_TRY(connection.run_script("BEGIN IMMEDIATE"));
  Result<void> done = work();
  if (done) done = connection.run_script("COMMIT");
  if (!done && !connection.is_autocommit()) {
    static_cast<void>(connection.run_script("ROLLBACK"));
  }
  return done;
}

Result<int64_t> count_lacking(Connection& connection, std::string_view target) {
  int64_t lacking = 0;
  for (const std::string_view table : {kShown, kTrashed}) {
    const std::string sql = "SELECT count(*) FROM " + std::string(table) +
                            " i WHERE i.store <> ?1 AND NOT " + std::string(kIsVerifiedThere);
    lacking += PACS_TRY(connection.find_int64(sql, target)).value_or(0);
  }
  return lacking;
}

Result<void> note_bucket_elsewhere(Connection& connection, std::string_view bucket) {
  return connection.run("INSERT OR REPLACE INTO archive_state(name, value) VALUES (?, 'yes')",
                        bucket_elsewhere_state(bucket));
}

// A bucket of another kind takes a name that may be that of a third store.
Result<void> check_name_is_free(Connection& connection, const CutOver& stores) {
  if (stores.name == stores.settings_name) return {};
  for (const std::string_view table : {"images", "trashed_images", "image_copies"}) {
    const std::string sql = "SELECT count(*) FROM " + std::string(table) + " WHERE store = ?1";
    if (PACS_TRY(connection.find_int64(sql, stores.name)).value_or(0) == 0) continue;
    return conflict("name_taken", "images or copies of them lie in the store \"" + stores.name +
                                      "\" of the settings, and this bucket would take its name. "
                                      "If it is the same, use --to. Nothing was changed");
  }
  return {};
}

// What lies in the bucket that had the name until now keeps its place under another one.
Result<void> exchange_names(Connection& connection, const CutOver& stores) {
  PACS_TRY(check_name_is_free(connection, stores));
  PACS_TRY(connection.run("DELETE FROM archive_state WHERE name = ?",
                          bucket_elsewhere_state(stores.target)));
  if (stores.former.empty()) return {};
  PACS_TRY(connection.run("UPDATE OR REPLACE image_copies SET store = ?1 WHERE store = ?2",
                          stores.former, stores.settings_name));
  PACS_TRY(connection.run("UPDATE trashed_images SET store = ?1 WHERE store = ?2 AND is_going = 1",
                          stores.former, stores.settings_name));
  return note_bucket_elsewhere(connection, stores.former);
}

Result<int64_t> move_rows(Connection& connection, const CutOver& stores) {
  int64_t changed = 0;
  for (const std::string_view rows : {kShown, kTrashed}) {
    PACS_TRY(
        connection.run("INSERT OR REPLACE INTO image_copies(image_id, store)"
                       " SELECT id, CASE WHEN store = ?2 THEN ?3 ELSE store END FROM " +
                           std::string(rows) + " WHERE store <> ?1",
                       stores.target, stores.settings_name, stores.former));
    PACS_TRY(
        connection.run("DELETE FROM image_copies WHERE store = ?1 AND image_id IN"
                       " (SELECT id FROM " +
                           std::string(rows) + " WHERE store <> ?1)",
                       stores.target));
  }
  // The mark of a file means nothing in another store: the first read hashes again.
  for (const char* update :
       {"UPDATE images SET store = ?2, blob_identity = '' WHERE store <> ?1",
        "UPDATE trashed_images SET store = ?2, blob_identity = '' WHERE store <> ?1"
        " AND is_going = 0"}) {
    PACS_TRY(connection.run(update, stores.target, stores.name));
    changed += connection.changes();
  }
  return changed;
}

}  // namespace

std::string bucket_elsewhere_state(std::string_view bucket) {
  return "bucket_elsewhere:" + std::string(bucket);
}

StoreCopies::StoreCopies(std::unique_ptr<Connection> connection, std::string target)
    : connection_(std::move(connection)), target_(std::move(target)) {}

StoreCopies::~StoreCopies() = default;

Result<std::unique_ptr<StoreCopies>> StoreCopies::open(const std::filesystem::path& path,
                                                       std::string target, const Scope& scope) {
  PACS_ASSERT(scope.covers_everything());
  ConnectionOptions options;
  options.access = ConnectionOptions::Access::read_write;
  auto connection = PACS_TRY(Connection::open(path, options));
  // As the server writes: an intent that a power cut forgets would leave bytes behind.
  PACS_TRY(connection->run_script("PRAGMA synchronous=FULL"));
  return std::unique_ptr<StoreCopies>(new StoreCopies(std::move(connection), std::move(target)));
}

Result<StoreCopies::Totals> StoreCopies::totals() {
  Totals totals;
  for (const std::string_view table : {kShown, kTrashed}) {
    Statement row =
        PACS_TRY(connection_->prepare("SELECT count(*), coalesce(sum(size_bytes), 0),"
                                      " coalesce(sum(store = ?1), 0) FROM " +
                                      std::string(table)));
    row.bind(target_);
    if (!PACS_TRY(row.step())) continue;
    totals.images += static_cast<uint64_t>(row.int64());
    totals.size_bytes += static_cast<uint64_t>(row.int64());
    totals.in_target += static_cast<uint64_t>(row.int64());
  }
  totals.lacking = static_cast<uint64_t>(PACS_TRY(count_lacking(*connection_, target_)));
  return totals;
}

Result<void> StoreCopies::note_target_elsewhere() {
  return note_bucket_elsewhere(*connection_, target_);
}

void StoreCopies::rewind() {
  is_in_trash_ = false;
  after_id_ = 0;
}

Result<std::vector<MovingImage>> StoreCopies::page(std::string_view table, size_t limit,
                                                   Which which) {
  const std::string condition = which == Which::all ? "" : " AND i.store <> ?1";
  Statement rows =
      PACS_TRY(connection_->prepare("SELECT i.id, i.key, i.store, i.sha256, i.size_bytes, " +
                                    std::string(kIsVerifiedThere) + " FROM " + std::string(table) +
                                    " i WHERE i.id > ?2" + condition + " ORDER BY i.id LIMIT ?3"));
  rows.bind(target_, after_id_, static_cast<int64_t>(limit));
  std::vector<MovingImage> images;
  while (PACS_TRY(rows.step())) {
    const int64_t id = rows.int64();
    auto key = ObjectKey::parse(rows.text_view());
    if (!key) return corrupt_row("images");
    StoredImage image{.id = id, .key = std::move(*key), .store = rows.text(), .sha256 = {}};
    image.sha256 = PACS_TRY(read_sha256(rows));
    image.size_bytes = static_cast<uint64_t>(rows.int64());
    const bool is_at_home = image.store == target_;
    images.push_back({.image = std::move(image),
                      .is_verified_there = rows.int64() != 0,
                      .is_at_home_there = is_at_home});
    after_id_ = id;
  }
  return images;
}

Result<std::vector<MovingImage>> StoreCopies::next(size_t limit, Which which) {
  if (!is_in_trash_) {
    std::vector<MovingImage> images = PACS_TRY(page(kShown, limit, which));
    if (!images.empty()) return images;
    is_in_trash_ = true;
    after_id_ = 0;
  }
  return page(kTrashed, limit, which);
}

Result<void> StoreCopies::begin(const std::vector<MovingImage>& images) {
  return in_transaction(*connection_, [&]() -> Result<void> {
    for (const MovingImage& moving : images) {
      PACS_TRY(
          connection_->run("INSERT OR IGNORE INTO image_copies(image_id, store)"
                           " SELECT id, ?1 FROM images WHERE id = ?2 UNION ALL"
                           " SELECT id, ?1 FROM trashed_images WHERE id = ?2 AND is_going = 0",
                           target_, moving.image.id));
    }
    return {};
  });
}

Result<std::vector<int64_t>> StoreCopies::keep(const std::vector<int64_t>& image_ids,
                                               UnixMillis now) {
  std::vector<int64_t> gone;
  PACS_TRY(in_transaction(*connection_, [&]() -> Result<void> {
    for (const int64_t id : image_ids) {
      PACS_TRY(connection_->run(
          "UPDATE image_copies SET verified_at = ? WHERE image_id = ? AND store = ?", now, id,
          target_));
      if (connection_->changes() == 0) gone.push_back(id);
    }
    return {};
  }));
  return gone;
}

Result<int64_t> cut_over_to(Database& database, const CutOver& stores, AuditLine line) {
  return database.write([&](WriteTransaction& transaction) -> Result<int64_t> {
    Connection& connection = transaction.connection();
    const int64_t lacking = PACS_TRY(count_lacking(connection, stores.target));
    if (lacking > 0) {
      return conflict("copies_missing", std::to_string(lacking) +
                                            " images have no verified copy in the store \"" +
                                            stores.target +
                                            "\" yet: run `pacs-lite migrate` without --cut-over "
                                            "first. Nothing was changed");
    }
    if (stores.name != stores.target) PACS_TRY(exchange_names(connection, stores));
    const int64_t changed = PACS_TRY(move_rows(connection, stores));
    PACS_TRY(connection.run("UPDATE tombstones SET store = ?1, is_settled = 0 WHERE store <> ?2",
                            stores.name, stores.target));
    line.detail = std::to_string(changed) + " images to " + stores.target;
    PACS_TRY(transaction.audit(line));
    return changed;
  });
}

Result<void> place_all_in(Database& database, std::string_view target, AuditLine line) {
  return database.write([&](WriteTransaction& transaction) -> Result<void> {
    Connection& connection = transaction.connection();
    for (const char* rows : {"images", "trashed_images"}) {
      PACS_TRY(connection.run("UPDATE " + std::string(rows) + " SET store = ?, blob_identity = ''",
                              target));
    }
    PACS_TRY(connection.run("DELETE FROM image_copies WHERE store = ?", target));
    PACS_TRY(
        connection.run("DELETE FROM archive_state WHERE name GLOB ?", bucket_elsewhere_state("*")));
    PACS_TRY(connection.run("UPDATE tombstones SET store = ?, is_settled = 0", target));
    line.detail = "all images in " + std::string(target);
    return transaction.audit(line);
  });
}

Result<std::vector<TombstonePlace>> tombstone_places(const Database& database, const Scope& scope) {
  PACS_ASSERT(scope.covers_everything());
  return database.read([](Connection& connection) -> Result<std::vector<TombstonePlace>> {
    std::vector<TombstonePlace> places;
    Statement rows = PACS_TRY(connection.prepare("SELECT name, store FROM tombstones"));
    while (PACS_TRY(rows.step())) {
      std::string name = rows.text();
      places.push_back({.name = std::move(name), .store = rows.text()});
    }
    return places;
  });
}

}  // namespace pacs::index
