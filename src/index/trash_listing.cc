// What is in the trash, told to who may see everything.
#include <utility>

#include "core/text.h"
#include "index/database.h"
#include "index/rows.h"
#include "index/sql_query.h"
#include "index/trash.h"

namespace pacs::index {
namespace {

// trashed_images i, in the order of kImageColumns, for read_image(). Series and study may be in the
// trash or not.
constexpr std::string_view kTrashedColumns =
    "i.id, i.study_id, i.series_id,"
    " coalesce((SELECT coalesce(spelt_uid, study_uid) FROM studies WHERE id = i.study_id),"
    " (SELECT coalesce(spelt_uid, study_uid) FROM trashed_studies WHERE id = i.study_id)),"
    " coalesce((SELECT coalesce(spelt_uid, series_uid) FROM series WHERE id = i.series_id),"
    " (SELECT coalesce(spelt_uid, series_uid) FROM trashed_series WHERE id = i.series_id)),"
    " coalesce(i.spelt_uid, i.image_uid), i.filename, i.key, i.store, i.sha256, i.size_bytes,"
    " i.mime_type, i.transfer_syntax, i.sop_class_uid, i.instance_number, i.rows, i.columns,"
    " i.frames, i.blob_identity, i.owner, i.uploader_name, i.stored_at, i.removed_at,"
    " i.removed_by, i.purge_at, i.is_going";

Result<TrashedImage> read_trashed(Statement& row) {
  ImageRecord image = PACS_TRY(read_image(row));
  TrashedImage trashed{.image = std::move(image)};
  trashed.removed_at = row.int64();
  trashed.removed_by = row.text();
  trashed.purge_at = row.int64();
  trashed.is_going = row.int64() != 0;
  return trashed;
}

Result<TrashedStudy> read_trashed_study(Statement& row) {
  const int64_t id = row.int64();
  const int64_t image_count = row.int64();
  const int64_t series_count = row.int64();
  const int64_t size_bytes = row.int64();
  const int64_t removed_at = row.int64();
  const int64_t purge_at = row.int64();
  auto uid = PACS_TRY(read_uid<dicom::StudyUid>(row));
  TrashedStudy study{.id = id, .study_uid = std::move(uid)};
  for (std::string* text :
       {&study.patient_id, &study.patient_name, &study.study_date, &study.description}) {
    *text = row.text();
  }
  study.image_count = image_count;
  study.series_count = series_count;
  study.size_bytes = size_bytes;
  study.removed_at = removed_at;
  study.purge_at = purge_at;
  return study;
}

// Grouped first, from an index alone; the study's own words are looked up for the page.
SqlQuery select_trashed_studies(std::optional<int64_t> study_id) {
  SqlQuery query(
      "SELECT g.*, coalesce(s.spelt_uid, s.study_uid), s.patient_id, s.patient_name,"
      " s.study_date, s.description FROM (SELECT study_id, count(*),"
      " count(DISTINCT series_id), sum(size_bytes), max(removed_at) AS removed_at, min(purge_at)"
      " FROM trashed_images");
  if (study_id) query.add(" WHERE study_id = ?", *study_id);
  query.add(
      " GROUP BY study_id) g JOIN (SELECT id, spelt_uid, study_uid, patient_id, patient_name,"
      " study_date, description FROM studies UNION ALL SELECT id, spelt_uid, study_uid,"
      " patient_id, patient_name, study_date, description FROM trashed_studies) s"
      " ON s.id = g.study_id");
  return query;
}

}  // namespace

Result<std::optional<TrashedImage>> Trash::find(const Scope& scope,
                                                const dicom::SopInstanceUid& uid) const {
  if (!scope.covers_everything()) return std::optional<TrashedImage>();
  SqlQuery query("SELECT ");
  query.add(kTrashedColumns).add(" FROM trashed_images i WHERE i.image_uid = ?", uid.to_dicom());
  return database_.read([&](Connection& connection) -> Result<std::optional<TrashedImage>> {
    Statement row = PACS_TRY(query.prepare(connection));
    if (!PACS_TRY(row.step())) return std::optional<TrashedImage>();
    return std::optional<TrashedImage>(PACS_TRY(read_trashed(row)));
  });
}

Result<std::vector<TrashedStudy>> Trash::studies(const Scope& scope,
                                                 const std::optional<TrashPosition>& after,
                                                 size_t limit) const {
  std::vector<TrashedStudy> studies;
  if (!scope.covers_everything()) return studies;
  SqlQuery query = select_trashed_studies(std::nullopt);
  if (after) {
    query.add(" WHERE (g.removed_at, g.study_id) < (?, ?)", after->removed_at, after->study_id);
  }
  query.add(" ORDER BY g.removed_at DESC, g.study_id DESC LIMIT ?", static_cast<int64_t>(limit));
  return database_.read([&](Connection& connection) -> Result<std::vector<TrashedStudy>> {
    Statement rows = PACS_TRY(query.prepare(connection));
    while (PACS_TRY(rows.step())) studies.push_back(PACS_TRY(read_trashed_study(rows)));
    return std::move(studies);
  });
}

Result<std::optional<TrashedStudy>> Trash::find_study(const Scope& scope, int64_t study_id) const {
  if (!scope.covers_everything()) return std::optional<TrashedStudy>();
  const SqlQuery query = select_trashed_studies(study_id);
  return database_.read([&](Connection& connection) -> Result<std::optional<TrashedStudy>> {
    Statement row = PACS_TRY(query.prepare(connection));
    if (!PACS_TRY(row.step())) return std::optional<TrashedStudy>();
    return std::optional<TrashedStudy>(PACS_TRY(read_trashed_study(row)));
  });
}

Result<std::vector<TrashedImage>> Trash::images(const Scope& scope, int64_t study_id,
                                                int64_t after_id, size_t limit) const {
  std::vector<TrashedImage> images;
  if (!scope.covers_everything()) return images;
  SqlQuery query("SELECT ");
  query.add(kTrashedColumns)
      .add(" FROM trashed_images i WHERE i.study_id = ? AND i.id > ? ORDER BY i.id LIMIT ?",
           study_id, after_id, static_cast<int64_t>(limit));
  return database_.read([&](Connection& connection) -> Result<std::vector<TrashedImage>> {
    Statement rows = PACS_TRY(query.prepare(connection));
    while (PACS_TRY(rows.step())) images.push_back(PACS_TRY(read_trashed(rows)));
    return std::move(images);
  });
}

Result<bool> Trash::holds(const Scope& scope, const ObjectKey& key) const {
  if (!scope.covers_everything()) return false;
  SqlQuery query("SELECT 1 FROM removed_images r JOIN trashed_images i ON i.id = r.image_id");
  query.add(" AND i.key = r.key WHERE r.key_hash = ? AND r.key = ?", hash_of_key(key), key.str());
  return database_.read([&](Connection& connection) -> Result<bool> {
    Statement row = PACS_TRY(query.prepare(connection));
    return row.step();
  });
}

Result<std::optional<TrashPlace>> Trash::place(const Scope& scope, Noun noun,
                                               std::string_view id) const {
  if (!scope.covers_everything()) return std::optional<TrashPlace>();
  const auto number = parse_unsigned(id);
  const auto uid = dicom::StudyUid::parse(id);  // all UIDs have one grammar
  SqlQuery query("SELECT i.id, i.series_id, i.study_id, ");
  query.add(
      "coalesce((SELECT coalesce(spelt_uid, study_uid) FROM studies WHERE id = i.study_id),"
      " (SELECT coalesce(spelt_uid, study_uid) FROM trashed_studies WHERE id = i.study_id))"
      " FROM trashed_images i WHERE ");
  const bool by_number = number && *number <= static_cast<uint64_t>(INT64_MAX);
  if (!by_number && !uid) return std::optional<TrashPlace>();
  const std::string text = uid ? uid->to_dicom() : std::string();
  switch (noun) {
    case Noun::study:
      if (by_number) {
        query.add("i.study_id = ?", static_cast<int64_t>(*number));
      } else {
        query.add(
            "i.study_id IN (SELECT id FROM studies WHERE study_uid = ? UNION ALL"
            " SELECT id FROM trashed_studies WHERE study_uid = ?)",
            text, text);
      }
      break;
    case Noun::series:
      if (by_number) {
        query.add("i.series_id = ?", static_cast<int64_t>(*number));
      } else {
        query.add(
            "i.series_id IN (SELECT id FROM series WHERE series_uid = ? UNION ALL"
            " SELECT id FROM trashed_series WHERE series_uid = ?)",
            text, text);
      }
      break;
    case Noun::image:
      if (by_number) {
        query.add("i.id = ?", static_cast<int64_t>(*number));
      } else {
        query.add("i.image_uid = ?", text);
      }
      break;
  }
  query.add(" LIMIT 1");
  return database_.read([&](Connection& connection) -> Result<std::optional<TrashPlace>> {
    Statement row = PACS_TRY(query.prepare(connection));
    if (!PACS_TRY(row.step())) return std::optional<TrashPlace>();
    const int64_t image_id = row.int64();
    const int64_t series_id = row.int64();
    const int64_t study_id = row.int64();
    auto study_uid = PACS_TRY(read_uid<dicom::StudyUid>(row));
    TrashPlace place{.study_uid = std::move(study_uid)};
    if (noun == Noun::image) place.image_id = image_id;
    if (noun == Noun::series) place.series_id = series_id;
    if (noun == Noun::study) place.study_id = study_id;
    return std::optional<TrashPlace>(std::move(place));
  });
}

}  // namespace pacs::index
