#include "index/migrations.h"

#include <array>
#include <string>

#include "core/log.h"
#include "index/index_copy.h"
#include "index/metadata_codec.h"
#include "index/schema.h"
#include "index/sqlite_connection.h"
#include "index/study_names.h"
#include "index/trash_schema.h"

namespace pacs::index {
namespace {

Result<void> make_tables(Connection& connection) {
  return connection.run_script(std::string(kSchemaVersion1));
}

// A dictionary made at build time differs from build to build; each index keeps the one it began
// with, and what was compressed with it can always be read.
Result<void> add_first_metadata_dictionary(Connection& connection) {
  return connection.run("INSERT INTO metadata_dictionaries(id, bytes) VALUES (1, ?)",
                        built_in_metadata_dictionary());
}

// When the bytes of an image were last read to their end and were right. Apart from `images`, so
// that noting it touches little; an image that leaves takes its row along.
Result<void> add_image_checks(Connection& connection) {
  return connection.run_script(R"sql(
CREATE TABLE image_checks(
  image_id INTEGER PRIMARY KEY,
  verified_at INTEGER NOT NULL
);
CREATE TRIGGER image_checks_of_removed AFTER DELETE ON images BEGIN
  DELETE FROM image_checks WHERE image_id = OLD.id;
END;
)sql");
}

Result<void> make_trash(Connection& connection) {
  return connection.run_script(std::string(kTrashSchema));
}

constexpr std::string_view kResumableUploads = R"sql(
CREATE TABLE resumable_uploads(
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  metadata TEXT NOT NULL,
  announced_uuid TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  durable_bytes INTEGER NOT NULL DEFAULT 0,
  staged_id TEXT NOT NULL DEFAULT '',
  state INTEGER NOT NULL,
  image_id INTEGER REFERENCES images(id) ON DELETE SET NULL,
  failure_kind INTEGER NOT NULL DEFAULT 0,
  error_code TEXT NOT NULL DEFAULT '',
  failure_reason TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX resumable_uploads_open ON resumable_uploads(owner) WHERE state = 1;
CREATE INDEX resumable_uploads_by_expiry ON resumable_uploads(expires_at);
CREATE INDEX resumable_uploads_by_image ON resumable_uploads(image_id) WHERE image_id IS NOT NULL;
)sql";

Result<void> add_resumable_uploads(Connection& connection) {
  return connection.run_script(std::string(kResumableUploads));
}

// Where an image lies beside the store of its row. `verified_at` is NULL while its bytes may be
// there and nobody has held them against the row; the purge ends it, and deletes there too.
Result<void> add_image_copies(Connection& connection) {
  return connection.run_script(R"sql(
CREATE TABLE image_copies(
  image_id INTEGER NOT NULL,
  store TEXT NOT NULL,
  verified_at INTEGER,
  PRIMARY KEY(image_id, store)
) WITHOUT ROWID;
)sql");
}

// A link opens what it was made for or has ended: it goes with each of its studies.
Result<void> add_share_links(Connection& connection) {
  return connection.run_script(R"sql(
CREATE TABLE share_links(
  token_id INTEGER PRIMARY KEY REFERENCES tokens(id) ON DELETE CASCADE,
  public_id TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  created_by TEXT NOT NULL,
  key_id TEXT NOT NULL,
  pin_hash TEXT NOT NULL,
  use_count INTEGER NOT NULL DEFAULT 0,
  pin_failures INTEGER NOT NULL DEFAULT 0,
  pin_blocked_until INTEGER
);
CREATE INDEX share_links_by_maker ON share_links(created_by);
CREATE TABLE share_link_studies(
  token_id INTEGER NOT NULL REFERENCES tokens(id) ON DELETE CASCADE,
  study_id INTEGER NOT NULL REFERENCES studies(id) ON DELETE CASCADE,
  study_uid TEXT NOT NULL,
  PRIMARY KEY(token_id, study_id)
) WITHOUT ROWID;
CREATE INDEX share_link_studies_by_study ON share_link_studies(study_id);
CREATE TRIGGER share_links_end AFTER DELETE ON share_link_studies BEGIN
  DELETE FROM tokens WHERE id = OLD.token_id;
END;
INSERT INTO share_link_studies(token_id, study_id, study_uid)
  SELECT t.id, s.id, coalesce(s.spelt_uid, s.study_uid)
  FROM tokens t JOIN studies s ON s.id = t.study_id;
)sql");
}

constexpr std::array<Migration, 8> kMigrations{{
    {1, "make the tables", make_tables},
    {2, "add the first metadata dictionary", add_first_metadata_dictionary},
    {3, "remember when each image was verified", add_image_checks},
    {4, "make the trash", make_trash},
    {5, "add resumable uploads", add_resumable_uploads},
    {6, "name the copies of each image", add_image_copies},
    {7, "add what share links have beside their tokens", add_share_links},
    {8, "find studies by the patient's name", make_study_names},
}};

Result<int64_t> schema_version(Connection& connection) {
  return PACS_TRY(connection.find_int64("PRAGMA user_version")).value_or(0);
}

Result<void> apply(Connection& connection, const Migration& migration) {
  PACS_TRY(connection.run_script("BEGIN IMMEDIATE"));
  Result<void> applied = migration.apply(connection);
  if (applied) {
    applied = connection.run_script("PRAGMA application_id=" + std::to_string(kApplicationId) +
                                    "; PRAGMA user_version=" + std::to_string(migration.version) +
                                    "; COMMIT");
  }
  if (!applied && !connection.is_autocommit()) {
    // The first error is the one to tell.
    if (const Result<void> undone = connection.run_script("ROLLBACK"); !undone) {
      log_error("index_migration_rollback", {{"error", to_string(undone.error())}});
    }
  }
  return applied;
}

}  // namespace

// Ours carries our mark; one without a mark may only be one that is still empty.
Result<void> check_owner(Connection& connection) {
  const int64_t owner = PACS_TRY(connection.find_int64("PRAGMA application_id")).value_or(0);
  if (owner == kApplicationId) return {};
  const int64_t tables =
      PACS_TRY(connection.find_int64("SELECT count(*) FROM sqlite_schema")).value_or(0);
  if (owner == 0 && tables == 0) return {};
  return corrupt("not_an_index", "The file is the database of another program.");
}

std::span<const Migration> all_migrations() { return kMigrations; }

Result<void> migrate(Connection& connection, const std::filesystem::path& path,
                     std::span<const Migration> migrations, UnixMillis now) {
  PACS_TRY(check_owner(connection));
  const int64_t from = PACS_TRY(schema_version(connection));
  const int known = migrations.empty() ? 0 : migrations.back().version;
  if (from > known) {
    return unsupported("schema_newer", "The index has schema " + std::to_string(from) +
                                           ", this program knows " + std::to_string(known) +
                                           ": start the newer program again.");
  }
  if (from == known) return {};
  if (from > 0) PACS_TRY(copy_before_upgrade(connection, path, from, now));
  for (const Migration& migration : migrations) {
    if (migration.version <= from) continue;
    PACS_TRY(apply(connection, migration));
    log(from > 0 ? LogLevel::info : LogLevel::debug, "index_migrated",
        {{"version", migration.version}, {"purpose", migration.purpose}});
  }
  return {};
}

}  // namespace pacs::index
