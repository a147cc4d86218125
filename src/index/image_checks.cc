#include "index/image_checks.h"

#include "index/archive_state.h"
#include "index/database.h"
#include "index/rows.h"
#include "index/scope_condition.h"
#include "index/sql_query.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

std::string state_name(std::string_view walk) { return "walk/" + std::string(walk); }

Result<std::optional<int64_t>> first_number(const Database& database, const SqlQuery& query) {
  return database.read([&](Connection& connection) -> Result<std::optional<int64_t>> {
    Statement row = PACS_TRY(query.prepare(connection));
    if (!PACS_TRY(row.step())) return std::optional<int64_t>();
    return row.optional_int64();
  });
}

Result<bool> has_row(Connection& connection, SqlQuery query, const Scope& scope) {
  add_image_scope(query, scope);
  Statement row = PACS_TRY(query.prepare(connection));
  return row.step();
}

// Closes a bracket: a copy of the image is expected there too.
constexpr std::string_view kOrCopy =
    " OR EXISTS (SELECT 1 FROM image_copies c WHERE c.image_id = i.id AND c.store = ?))";

SqlQuery visible_image(std::string_view store, const ObjectKey& key) {
  SqlQuery query("SELECT 1 FROM images i WHERE ");
  query.add("i.key_hash = ? AND i.key = ? AND (i.store = ?", hash_of_key(key), key.str(), store);
  query.add(kOrCopy, store);
  return query;
}

// The keys of what is in the trash are among the removed ones, by which they are found.
SqlQuery trashed_image(std::string_view store, const ObjectKey& key) {
  SqlQuery query(
      "SELECT 1 FROM removed_images r JOIN trashed_images i ON i.id = r.image_id WHERE ");
  query.add("r.key_hash = ? AND r.key = ? AND i.key = r.key AND (i.store = ?", hash_of_key(key),
            key.str(), store);
  query.add(kOrCopy, store);
  return query;
}

}  // namespace

Result<std::vector<ImageRecord>> ImageChecks::page(const Scope& scope, int64_t after_id,
                                                   size_t limit) const {
  SqlQuery query("SELECT ");
  query.add(kImageColumns).add(kImageTables).add(" WHERE i.id > ?", after_id);
  add_image_scope(query, scope);
  query.add(" ORDER BY i.id LIMIT ?", static_cast<int64_t>(limit));
  return database_.read([&](Connection& connection) -> Result<std::vector<ImageRecord>> {
    std::vector<ImageRecord> images;
    Statement rows = PACS_TRY(query.prepare(connection));
    while (PACS_TRY(rows.step())) images.push_back(PACS_TRY(read_image(rows)));
    return images;
  });
}

Result<std::vector<bool>> ImageChecks::have_rows(const Scope& scope, std::string_view store,
                                                 const std::vector<ObjectKey>& keys) const {
  return database_.read([&](Connection& connection) -> Result<std::vector<bool>> {
    std::vector<bool> found;
    for (const ObjectKey& key : keys) {
      found.push_back(PACS_TRY(has_row(connection, visible_image(store, key), scope)) ||
                      PACS_TRY(has_row(connection, trashed_image(store, key), scope)));
    }
    return found;
  });
}

Result<std::optional<UnixMillis>> ImageChecks::removed_at(const Scope& scope,
                                                          const ObjectKey& key) const {
  SqlQuery query("SELECT r.removed_at FROM removed_images r WHERE ");
  query.add("r.key_hash = ? AND r.key = ?", hash_of_key(key), key.str());
  add_removed_image_scope(query, scope);
  return first_number(database_, query);
}

Result<void> ImageChecks::set_verified(const std::vector<Verified>& images, UnixMillis time) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    for (const Verified& image : images) {
      PACS_TRY(transaction.connection().run(
          "UPDATE images SET blob_identity = ? WHERE id = ? AND blob_identity <> ?",
          image.blob_identity, image.image_id, image.blob_identity));
      PACS_TRY(transaction.connection().run(
          "INSERT INTO image_checks(image_id, verified_at) SELECT id, ? FROM images WHERE id = ?"
          " ON CONFLICT(image_id) DO UPDATE SET verified_at = excluded.verified_at",
          time, image.image_id));
    }
    return {};
  });
}

Result<std::optional<UnixMillis>> ImageChecks::verified_at(const Scope& scope,
                                                           int64_t image_id) const {
  SqlQuery query("SELECT c.verified_at FROM images i JOIN image_checks c ON c.image_id = i.id");
  query.add(" WHERE i.id = ?", image_id);
  add_image_scope(query, scope);
  return first_number(database_, query);
}

Result<std::optional<UnixMillis>> ImageChecks::oldest_verified_at(const Scope& scope) const {
  SqlQuery query(
      "SELECT min(coalesce(c.verified_at, i.stored_at)) FROM images i"
      " LEFT JOIN image_checks c ON c.image_id = i.id WHERE 1");
  add_image_scope(query, scope);
  return first_number(database_, query);
}

Result<void> ImageChecks::set_progress(std::string_view walk, std::string_view progress) {
  return ArchiveState(database_).note(state_name(walk), progress);
}

Result<std::optional<std::string>> ImageChecks::progress(std::string_view walk) const {
  return ArchiveState(database_).find(state_name(walk));
}

}  // namespace pacs::index
