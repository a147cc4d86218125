#include "index/trash_rows.h"

#include <map>
#include <string_view>

#include "index/rows.h"
#include "index/sqlite_connection.h"
#include "index/upload_record.h"

namespace pacs::index {
namespace {

constexpr std::string_view kImageColumnNames =
    "id, study_id, series_id, image_uid, spelt_uid, filename, key, key_hash, store, sha256,"
    " size_bytes, mime_type, transfer_syntax, sop_class_uid, instance_number, instance_order,"
    " rows, columns, frames, blob_identity, owner, uploader_name, stored_at";
constexpr std::string_view kSeriesColumnNames =
    "id, study_id, series_uid, spelt_uid, number, description, modality, body_part, described_by";
constexpr std::string_view kOfThese = "(SELECT value FROM json_each(?))";

// The parts of a statement, one behind the other.
std::string sql(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

}  // namespace

std::string id_list(const std::vector<int64_t>& ids) {
  std::string text = "[";
  for (const int64_t id : ids) {
    if (text.size() > 1) text += ',';
    text += std::to_string(id);
  }
  return text + ']';
}

Result<std::optional<int64_t>> TrashRows::find_study(const dicom::StudyUid& uid) const {
  return connection_.find_int64("SELECT id FROM trashed_studies WHERE study_uid = ?",
                                uid.to_dicom());
}

Result<std::optional<int64_t>> TrashRows::find_series(int64_t study_id,
                                                      const dicom::SeriesUid& uid) const {
  return connection_.find_int64(
      "SELECT id FROM trashed_series WHERE series_uid = ? AND study_id = ?", uid.to_dicom(),
      study_id);
}

// --- in ---------------------------------------------------------------------------------------

Result<void> TrashRows::hide(const std::vector<int64_t>& image_ids, const TrashTerms& terms) {
  const std::string ids = id_list(image_ids);
  const std::vector<SeriesShare> leaving = PACS_TRY(shares("images", ids));
  PACS_TRY(copy_in(ids, terms));
  // The frame tables stay where they are: they are found through their images alone.
  PACS_TRY(connection_.run(sql({"DELETE FROM instance_metadata WHERE (series_id, image_id) IN"
                                " (SELECT series_id, id FROM images WHERE id IN ",
                                kOfThese, ")"}),
                           ids));
  PACS_TRY(connection_.run(sql({"DELETE FROM images WHERE id IN ", kOfThese}), ids));
  return leave_series(leaving, terms.removed_at);
}

Result<void> TrashRows::copy_in(const std::string& ids, const TrashTerms& terms) {
  PACS_TRY(connection_.run(
      sql({"INSERT INTO trashed_images(", kImageColumnNames,
           ", removed_at, removed_by, purge_at, dictionary_id, metadata) SELECT i.id, i.study_id,"
           " i.series_id, i.image_uid, i.spelt_uid, i.filename, i.key, i.key_hash, i.store,"
           " i.sha256, i.size_bytes, i.mime_type, i.transfer_syntax, i.sop_class_uid,"
           " i.instance_number, i.instance_order, i.rows, i.columns, i.frames, i.blob_identity,"
           " i.owner, i.uploader_name, i.stored_at, ?, ?, ?, m.dictionary_id, m.json"
           " FROM images i LEFT JOIN instance_metadata m"
           " ON m.series_id = i.series_id AND m.image_id = i.id WHERE i.id IN ",
           kOfThese}),
      terms.removed_at, terms.removed_by, terms.purge_at, ids));
  PACS_TRY(connection_.run(
      sql({"INSERT OR REPLACE INTO removed_images(key_hash, key, image_id, image_uid, study_id,"
           " owner, sha256, removed_at, tombstone_id) SELECT key_hash, key, id, image_uid,"
           " study_id, owner, sha256, ?, ? FROM images WHERE id IN ",
           kOfThese}),
      terms.removed_at, terms.tombstone_id, ids));
  return connection_.run(
      sql({"INSERT OR REPLACE INTO trashed_uploads(upload_id, image_id, study_id)"
           " SELECT id, image_id, study_id FROM uploads WHERE image_id IN ",
           kOfThese}),
      ids);
}

Result<std::vector<TrashRows::SeriesShare>> TrashRows::shares(std::string_view table,
                                                              const std::string& ids) const {
  std::vector<SeriesShare> found;
  Statement rows = PACS_TRY(
      connection_.prepare(sql({"SELECT series_id, study_id, count(*), sum(size_bytes) FROM ", table,
                               " WHERE id IN ", kOfThese, " GROUP BY series_id, study_id"})));
  rows.bind(ids);
  while (PACS_TRY(rows.step())) {
    SeriesShare share;
    share.series_id = rows.int64();
    share.study_id = rows.int64();
    share.images = rows.int64();
    share.size_bytes = rows.int64();
    found.push_back(share);
  }
  return found;
}

Result<void> TrashRows::leave_series(const std::vector<SeriesShare>& shares, UnixMillis now) {
  std::map<int64_t, StudyRows::Change> changes;
  for (const SeriesShare& share : shares) {
    StudyRows::Change& change = changes[share.study_id];
    change.images -= share.images;
    change.size_bytes -= share.size_bytes;
    PACS_TRY(connection_.run("UPDATE series SET image_count = image_count - ? WHERE id = ?",
                             share.images, share.series_id));
    PACS_TRY(
        connection_.run(sql({"INSERT INTO trashed_series(", kSeriesColumnNames, ") SELECT ",
                             kSeriesColumnNames, " FROM series WHERE id = ? AND image_count = 0"}),
                        share.series_id));
    if (connection_.changes() == 0) continue;
    --change.series;
    PACS_TRY(
        connection_.run("INSERT INTO trashed_series_names(series_id, alias_uid)"
                        " SELECT series_id, alias_uid FROM series_aliases WHERE series_id = ?",
                        share.series_id));
    PACS_TRY(connection_.run("DELETE FROM series WHERE id = ?", share.series_id));
  }
  for (const auto& [study_id, change] : changes) {
    PACS_TRY(studies_.count(study_id, change, now));
    if (change.series == 0) continue;
    PACS_TRY(studies_.refresh_modality(study_id));
    PACS_TRY(studies_.erase_if_empty(study_id));
  }
  return {};
}

// --- back -------------------------------------------------------------------------------------

Result<void> TrashRows::restore(const std::vector<int64_t>& image_ids, UnixMillis now) {
  const std::string ids = id_list(image_ids);
  const std::vector<SeriesShare> coming = PACS_TRY(shares("trashed_images", ids));
  PACS_TRY(join_series(coming, now));
  PACS_TRY(connection_.run(sql({"INSERT INTO images(", kImageColumnNames, ") SELECT ",
                                kImageColumnNames, " FROM trashed_images WHERE id IN ", kOfThese}),
                           ids));
  PACS_TRY(
      connection_.run(sql({"INSERT INTO instance_metadata(series_id, image_id, dictionary_id, json)"
                           " SELECT series_id, id, dictionary_id, metadata FROM trashed_images"
                           " WHERE metadata IS NOT NULL AND id IN ",
                           kOfThese}),
                      ids));
  // BINARY_UPLOADED and ACK_RECEIVED: one that has gone on without its image keeps what it came to.
  PACS_TRY(connection_.run(sql({"UPDATE uploads SET image_id = t.image_id, study_id = i.study_id"
                                " FROM trashed_uploads t JOIN trashed_images i ON i.id = t.image_id"
                                " WHERE t.upload_id = uploads.id AND uploads.image_id IS NULL"
                                " AND uploads.status IN (2, 3) AND t.image_id IN ",
                                kOfThese}),
                           ids));
  PACS_TRY(
      connection_.run(sql({"UPDATE tombstones SET is_settled = 0 WHERE id IN (SELECT r.tombstone_id"
                           " FROM trashed_images i JOIN removed_images r ON r.key_hash = i.key_hash"
                           " AND r.key = i.key WHERE i.id IN ",
                           kOfThese, ")"}),
                      ids));
  PACS_TRY(connection_.run(sql({"DELETE FROM removed_images WHERE (key_hash, key) IN"
                                " (SELECT key_hash, key FROM trashed_images WHERE id IN ",
                                kOfThese, ")"}),
                           ids));
  PACS_TRY(connection_.run(sql({"DELETE FROM trashed_uploads WHERE image_id IN ", kOfThese}), ids));
  return connection_.run(sql({"DELETE FROM trashed_images WHERE id IN ", kOfThese}), ids);
}

Result<void> TrashRows::join_series(const std::vector<SeriesShare>& shares, UnixMillis now) {
  std::map<int64_t, StudyRows::Change> changes;
  for (const SeriesShare& share : shares) {
    if (!changes.contains(share.study_id)) PACS_TRY(revive_study(share.study_id));
    StudyRows::Change& change = changes[share.study_id];
    change.images += share.images;
    change.size_bytes += share.size_bytes;
    if (PACS_TRY(revive_series(share.series_id))) ++change.series;
    PACS_TRY(connection_.run("UPDATE series SET image_count = image_count + ? WHERE id = ?",
                             share.images, share.series_id));
  }
  for (const auto& [study_id, change] : changes) {
    PACS_TRY(studies_.count(study_id, change, now));
    PACS_TRY(studies_.refresh_modality(study_id));
  }
  return {};
}

Result<bool> TrashRows::revive_study(int64_t id) {
  if (!PACS_TRY(studies_.insert_trashed(id))) return false;
  // What was announced in it and still waits (METADATA_UPLOADED, FAILED) is visible in it again.
  PACS_TRY(
      connection_.run("UPDATE uploads SET study_id = ?1 WHERE study_id IS NULL AND image_id IS NULL"
                      " AND status IN (1, 4) AND id IN (SELECT upload_id FROM trashed_uploads"
                      " WHERE study_id = ?1 AND image_id IS NULL)",
                      id));
  const int64_t waiting = connection_.changes();
  PACS_TRY(connection_.run("UPDATE studies SET pending_count = pending_count + ? WHERE id = ?",
                           waiting, id));
  PACS_TRY(
      connection_.run("DELETE FROM trashed_uploads WHERE study_id = ? AND image_id IS NULL", id));
  return true;
}

Result<std::optional<KnownStudy>> TrashRows::revive_study(const dicom::StudyUid& uid) {
  const auto id = PACS_TRY(find_study(uid));
  if (!id) return std::optional<KnownStudy>();
  PACS_TRY(revive_study(*id));
  return studies_.find(*id);
}

Result<bool> TrashRows::revive_series(int64_t id) {
  PACS_TRY(connection_.run(sql({"INSERT INTO series(", kSeriesColumnNames, ") SELECT ",
                                kSeriesColumnNames, " FROM trashed_series WHERE id = ?"}),
                           id));
  if (connection_.changes() == 0) return false;
  PACS_TRY(
      connection_.run("INSERT OR IGNORE INTO series_aliases(alias_uid, series_id)"
                      " SELECT alias_uid, series_id FROM trashed_series_names WHERE series_id = ?",
                      id));
  PACS_TRY(connection_.run("DELETE FROM trashed_series_names WHERE series_id = ?", id));
  PACS_TRY(connection_.run("DELETE FROM trashed_series WHERE id = ?", id));
  return true;
}

Result<bool> TrashRows::revive_series(int64_t study_id, const dicom::SeriesUid& uid) {
  const auto id = PACS_TRY(find_series(study_id, uid));
  if (!id) return false;
  return revive_series(*id);
}

// --- for good ---------------------------------------------------------------------------------

Result<void> TrashRows::forget(const std::vector<int64_t>& image_ids) {
  const std::string ids = id_list(image_ids);
  const std::vector<SeriesShare> ending = PACS_TRY(shares("trashed_images", ids));
  PACS_TRY(connection_.run(sql({"DELETE FROM frame_tables WHERE image_id IN ", kOfThese}), ids));
  PACS_TRY(connection_.run(sql({"DELETE FROM trashed_uploads WHERE image_id IN ", kOfThese}), ids));
  PACS_TRY(connection_.run(sql({"DELETE FROM image_copies WHERE image_id IN ", kOfThese}), ids));
  PACS_TRY(connection_.run(sql({"DELETE FROM trashed_images WHERE id IN ", kOfThese}), ids));
  for (const SeriesShare& share : ending) {
    PACS_TRY(
        connection_.run("DELETE FROM trashed_series WHERE id = ?1"
                        " AND NOT EXISTS (SELECT 1 FROM trashed_images WHERE series_id = ?1)",
                        share.series_id));
    if (connection_.changes() > 0) {
      PACS_TRY(
          connection_.run("DELETE FROM trashed_series_names WHERE series_id = ?", share.series_id));
    }
    PACS_TRY(
        connection_.run("DELETE FROM trashed_studies WHERE id = ?1"
                        " AND NOT EXISTS (SELECT 1 FROM trashed_images WHERE study_id = ?1)",
                        share.study_id));
    if (connection_.changes() == 0) continue;
    for (const std::string_view end : {"DELETE FROM trashed_study_names WHERE study_id = ?",
                                       "DELETE FROM trashed_uploads WHERE study_id = ?",
                                       "DELETE FROM study_holds WHERE study_id = ?"}) {
      PACS_TRY(connection_.run(end, share.study_id));
    }
  }
  return {};
}

Result<bool> TrashRows::forget_removed(const ObjectKey& key) {
  const int64_t hash = hash_of_key(key);
  const auto tombstone = PACS_TRY(connection_.find_int64(
      "SELECT coalesce(tombstone_id, 0) FROM removed_images WHERE key_hash = ? AND key = ?", hash,
      key.str()));
  if (!tombstone) return false;
  PACS_TRY(connection_.run("UPDATE tombstones SET is_settled = 0 WHERE id = ?", *tombstone));
  PACS_TRY(connection_.run("DELETE FROM removed_images WHERE key_hash = ? AND key = ?", hash,
                           key.str()));
  return true;
}

Result<bool> TrashRows::has_unsettled_tombstones() const {
  return PACS_TRY(connection_.find_int64("SELECT id FROM tombstones WHERE is_settled = 0 LIMIT 1"))
      .has_value();
}

}  // namespace pacs::index
