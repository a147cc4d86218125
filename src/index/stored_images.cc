#include "index/stored_images.h"

#include <optional>
#include <utility>

#include "core/assert.h"
#include "index/archive_state.h"
#include "index/index_copy.h"
#include "index/migrations.h"
#include "index/rows.h"
#include "index/sqlite_connection.h"

namespace pacs::index {
namespace {

// Each as a table of its own, so that the queries below are the same for both.
constexpr std::string_view kShownImages = "images";
constexpr std::string_view kTrashedImages = "(SELECT * FROM trashed_images WHERE is_going = 0)";

Result<StoredImage> read_row(Statement& row) {
  const int64_t id = row.int64();
  auto key = ObjectKey::parse(row.text_view());
  if (!key) return corrupt_row("images");
  StoredImage image{.id = id, .key = std::move(*key), .store = row.text(), .sha256 = {}};
  image.sha256 = PACS_TRY(read_sha256(row));
  image.size_bytes = static_cast<uint64_t>(row.int64());
  return image;
}

Result<void> check_schema(int64_t schema) {
  const int64_t known = all_migrations().back().version;
  if (schema > known) {
    return unsupported("schema_newer", "the index has schema " + std::to_string(schema) +
                                           ", this program knows " + std::to_string(known) +
                                           ": use the newer program");
  }
  if (schema < known) {
    return unsupported("schema_older", "the index has schema " + std::to_string(schema) +
                                           ", that of this program is " + std::to_string(known) +
                                           ": start the server of this version first, or use the "
                                           "older program");
  }
  return {};
}

}  // namespace

StoredImages::StoredImages(std::unique_ptr<Connection> connection, int64_t schema_version)
    : connection_(std::move(connection)), schema_version_(schema_version) {}

StoredImages::~StoredImages() = default;

Result<std::unique_ptr<StoredImages>> StoredImages::open(const std::filesystem::path& path,
                                                         const Scope& scope) {
  PACS_ASSERT(scope.covers_everything());
  PACS_TRY(check_is_there(path));
  auto connection = PACS_TRY(Connection::open(path, ConnectionOptions()));
  PACS_TRY(check_owner(*connection));
  const int64_t schema = PACS_TRY(connection->find_int64("PRAGMA user_version")).value_or(0);
  PACS_TRY(check_schema(schema));
  return std::unique_ptr<StoredImages>(new StoredImages(std::move(connection), schema));
}

Result<std::string> StoredImages::archive_id() {
  Statement row = PACS_TRY(connection_->prepare("SELECT value FROM archive_state WHERE name = ?"));
  row.bind(ArchiveState::kArchiveId);
  if (!PACS_TRY(row.step())) {
    return not_found("no_archive_id",
                     "the index belongs to no archive: the server never ran on "
                     "it, or a rebuild was cut");
  }
  return row.text();
}

Result<StoredImages::Totals> StoredImages::totals() {
  Totals totals;
  for (const std::string_view table : {kShownImages, kTrashedImages}) {
    Statement row = PACS_TRY(connection_->prepare(
        "SELECT count(*), coalesce(sum(size_bytes), 0) FROM " + std::string(table)));
    if (!PACS_TRY(row.step())) continue;
    totals.images += static_cast<uint64_t>(row.int64());
    totals.size_bytes += static_cast<uint64_t>(row.int64());
  }
  return totals;
}

Result<std::vector<StoredImage>> StoredImages::page(std::string_view table, size_t limit) {
  Statement rows =
      PACS_TRY(connection_->prepare("SELECT id, key, store, sha256, size_bytes FROM " +
                                    std::string(table) + " WHERE id > ? ORDER BY id LIMIT ?"));
  rows.bind(after_id_, static_cast<int64_t>(limit));
  std::vector<StoredImage> images;
  while (PACS_TRY(rows.step())) {
    images.push_back(PACS_TRY(read_row(rows)));
    after_id_ = images.back().id;
  }
  return images;
}

Result<std::vector<StoredImage>> StoredImages::next(size_t limit) {
  if (!is_in_trash_) {
    std::vector<StoredImage> images = PACS_TRY(page(kShownImages, limit));
    if (!images.empty()) return images;
    is_in_trash_ = true;
    after_id_ = 0;
  }
  return page(kTrashedImages, limit);
}

Result<bool> StoredImages::is_stored(const StoredImage& image) {
  const auto shown = PACS_TRY(
      connection_->find_int64("SELECT 1 FROM images WHERE key_hash = ? AND key = ? AND sha256 = ?",
                              hash_of_key(image.key), image.key.str(), Bytes(image.sha256.bytes)));
  if (shown) return true;
  // By id, since keys of what is in the trash have no index.
  const auto trashed = PACS_TRY(connection_->find_int64(
      "SELECT 1 FROM trashed_images WHERE id = ? AND key = ? AND sha256 = ? AND is_going = 0",
      image.id, image.key.str(), Bytes(image.sha256.bytes)));
  return trashed.has_value();
}

Result<bool> StoredImages::names(const ObjectKey& key) {
  const int64_t hash = hash_of_key(key);
  const auto shown = PACS_TRY(connection_->find_int64(
      "SELECT 1 FROM images WHERE key_hash = ? AND key = ?", hash, key.str()));
  if (shown) return true;
  // The keys of what is in the trash are among the removed ones, by which they are found.
  const auto trashed = PACS_TRY(connection_->find_int64(
      "SELECT 1 FROM removed_images r JOIN trashed_images i ON i.id = r.image_id"
      " WHERE r.key_hash = ? AND r.key = ? AND i.key = r.key",
      hash, key.str()));
  return trashed.has_value();
}

}  // namespace pacs::index
