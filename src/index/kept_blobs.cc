#include "index/kept_blobs.h"

#include <iterator>
#include <utility>

#include "core/assert.h"
#include "index/database.h"
#include "index/rows.h"
#include "index/sql_query.h"

namespace pacs::index {
namespace {

// With one row for each copy; what is just being deleted for good has neither.
constexpr std::string_view kCopies =
    "SELECT c.image_id, coalesce(i.key, t.key), c.store, coalesce(i.sha256, t.sha256),"
    " coalesce(i.size_bytes, t.size_bytes), c.verified_at IS NOT NULL FROM image_copies c"
    " LEFT JOIN images i ON i.id = c.image_id"
    " LEFT JOIN trashed_images t ON t.id = c.image_id AND t.is_going = 0"
    " WHERE coalesce(i.id, t.id) IS NOT NULL";
constexpr std::string_view kShown = "SELECT id, key, store, sha256, size_bytes, 1 FROM images";
constexpr std::string_view kInTrash =
    "SELECT id, key, store, sha256, size_bytes, 1 FROM trashed_images WHERE is_going = 0";

Result<std::vector<KeptBlob>> read_blobs(const Database& database, const SqlQuery& query) {
  return database.read([&](Connection& connection) -> Result<std::vector<KeptBlob>> {
    std::vector<KeptBlob> blobs;
    Statement rows = PACS_TRY(query.prepare(connection));
    while (PACS_TRY(rows.step())) {
      const int64_t id = rows.int64();
      auto key = ObjectKey::parse(rows.text_view());
      if (!key) return corrupt_row("key");
      StoredImage image{.id = id, .key = std::move(*key), .store = rows.text(), .sha256 = {}};
      image.sha256 = PACS_TRY(read_sha256(rows));
      image.size_bytes = static_cast<uint64_t>(rows.int64());
      blobs.push_back({.image = std::move(image), .is_expected = rows.int64() != 0});
    }
    return blobs;
  });
}

}  // namespace

Result<std::vector<KeptBlob>> KeptBlobs::in_trash(const Scope& scope, int64_t after_id,
                                                  size_t limit) const {
  PACS_ASSERT(scope.covers_everything());
  SqlQuery query(kInTrash);
  query.add(" AND id > ? ORDER BY id LIMIT ?", after_id, static_cast<int64_t>(limit));
  return read_blobs(database_, query);
}

Result<std::vector<KeptBlob>> KeptBlobs::copies(const Scope& scope, int64_t after_id,
                                                std::string_view after_store, size_t limit) const {
  PACS_ASSERT(scope.covers_everything());
  SqlQuery query(kCopies);
  query.add(" AND (c.image_id, c.store) > (?, ?)", after_id, after_store);
  query.add(" ORDER BY c.image_id, c.store LIMIT ?", static_cast<int64_t>(limit));
  return read_blobs(database_, query);
}

Result<std::vector<KeptBlob>> KeptBlobs::all_of(const Scope& scope, int64_t image_id) const {
  PACS_ASSERT(scope.covers_everything());
  SqlQuery shown(kShown);
  shown.add(" WHERE id = ?", image_id);
  SqlQuery trashed(kInTrash);
  trashed.add(" AND id = ?", image_id);
  SqlQuery copies(kCopies);
  copies.add(" AND c.image_id = ? ORDER BY c.store", image_id);
  std::vector<KeptBlob> blobs;
  for (const SqlQuery* query : {&shown, &trashed, &copies}) {
    auto found = PACS_TRY(read_blobs(database_, *query));
    std::move(found.begin(), found.end(), std::back_inserter(blobs));
  }
  return blobs;
}

Result<bool> KeptBlobs::is_kept(const Scope& scope, const KeptBlob& blob) const {
  PACS_ASSERT(scope.covers_everything());
  const StoredImage& image = blob.image;
  SqlQuery trashed(kInTrash);
  trashed.add(" AND id = ? AND key = ? AND store = ?", image.id, image.key.str(), image.store);
  if (!PACS_TRY(read_blobs(database_, trashed)).empty()) return true;
  SqlQuery copy(kCopies);
  copy.add(" AND c.image_id = ? AND c.store = ?", image.id, image.store);
  const auto found = PACS_TRY(read_blobs(database_, copy));
  return !found.empty() && found.front().image.key == image.key;
}

}  // namespace pacs::index
