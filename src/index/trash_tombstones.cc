// The rows of tombstones: which file in a blob store names which removed images.
#include <utility>

#include "index/database.h"
#include "index/rows.h"
#include "index/trash.h"
#include "index/trash_queries.h"
#include "index/trash_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

Result<std::vector<Tombstone>> read_tombstones(Statement& rows) {
  std::vector<Tombstone> tombstones;
  while (PACS_TRY(rows.step())) {
    Tombstone tombstone;
    tombstone.id = rows.int64();
    tombstone.name = rows.text();
    tombstone.store = rows.text();
    tombstones.push_back(std::move(tombstone));
  }
  return tombstones;
}

}  // namespace

Result<std::vector<Tombstone>> Trash::unsettled() const {
  return database_.read([&](Connection& connection) -> Result<std::vector<Tombstone>> {
    Statement rows =
        PACS_TRY(connection.prepare("SELECT id, name, store FROM tombstones WHERE is_settled = 0"));
    return read_tombstones(rows);
  });
}

Result<std::vector<Tombstone>> Trash::tombstones_of(const std::vector<int64_t>& image_ids) const {
  return database_.read([&](Connection& connection) -> Result<std::vector<Tombstone>> {
    Statement rows = PACS_TRY(connection.prepare(
        "SELECT t.id, t.name, t.store FROM tombstones t WHERE t.id IN (SELECT r.tombstone_id"
        " FROM trashed_images i JOIN removed_images r ON r.key_hash = i.key_hash"
        " AND r.key = i.key WHERE i.id IN (SELECT value FROM json_each(?)))"));
    rows.bind(id_list(image_ids));
    return read_tombstones(rows);
  });
}

Result<std::vector<RemovedImage>> Trash::images_of(const Tombstone& tombstone) const {
  return database_.read([&](Connection& connection) -> Result<std::vector<RemovedImage>> {
    Statement rows = PACS_TRY(connection.prepare(
        "SELECT image_id, study_id, image_uid, key, '', owner, sha256, 0, removed_at"
        " FROM removed_images WHERE tombstone_id = ? ORDER BY image_id"));
    rows.bind(tombstone.id);
    return read_removed(rows);
  });
}

Result<int64_t> Trash::bury(const Tombstone& tombstone, const std::vector<RemovedImage>& images,
                            UnixMillis purge_at, const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) -> Result<int64_t> {
    Connection& connection = transaction.connection();
    PACS_TRY(
        connection.run("INSERT INTO tombstones(name, store, is_settled) VALUES (?, ?, 0)"
                       " ON CONFLICT(name) DO UPDATE SET is_settled = 0",
                       tombstone.name, tombstone.store));
    TrashTerms terms;
    terms.tombstone_id =
        PACS_TRY(connection.find_int64("SELECT id FROM tombstones WHERE name = ?", tombstone.name))
            .value_or(0);
    terms.purge_at = purge_at;
    std::vector<int64_t> shown;
    for (const RemovedImage& image : images) {
      terms.removed_at = image.removed_at;  // one removal, one time
      const int64_t hash = hash_of_key(image.key);
      const auto id = PACS_TRY(connection.find_int64(
          "SELECT id FROM images WHERE key_hash = ? AND key = ? AND sha256 = ?", hash,
          image.key.str(), Bytes(image.sha256.bytes)));
      if (id) shown.push_back(*id);
      if (id) continue;
      PACS_TRY(connection.run(
          "INSERT OR IGNORE INTO removed_images(key_hash, key, image_id, image_uid, study_id,"
          " owner, sha256, removed_at, tombstone_id) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9"
          " WHERE NOT EXISTS (SELECT 1 FROM images WHERE key_hash = ?1 AND key = ?2)",
          hash, image.key.str(), image.image_id, image.image_uid.to_dicom(), image.study_id,
          image.owner, Bytes(image.sha256.bytes), image.removed_at, terms.tombstone_id));
    }
    PACS_TRY(TrashRows(connection).hide(shown, terms));
    if (!shown.empty()) PACS_TRY(transaction.audit(line));
    return static_cast<int64_t>(shown.size());
  });
}

Result<void> Trash::settle(const Tombstone& tombstone) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    Connection& connection = transaction.connection();
    PACS_TRY(connection.run("UPDATE tombstones SET is_settled = 1 WHERE id = ?", tombstone.id));
    return connection.run(
        "DELETE FROM tombstones WHERE id = ?1"
        " AND NOT EXISTS (SELECT 1 FROM removed_images WHERE tombstone_id = ?1)",
        tombstone.id);
  });
}

}  // namespace pacs::index
