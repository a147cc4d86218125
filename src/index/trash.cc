#include "index/trash.h"

#include <algorithm>
#include <map>

#include "core/text.h"
#include "index/database.h"
#include "index/rows.h"
#include "index/sql_query.h"
#include "index/study_holds.h"
#include "index/trash_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

constexpr std::string_view kStudiesOfImages =
    "SELECT study_id FROM images WHERE id IN (SELECT value FROM json_each(?))";
constexpr std::string_view kStudiesOfTrashed =
    "SELECT study_id FROM trashed_images WHERE id IN (SELECT value FROM json_each(?))";
constexpr std::string_view kTheseStudies = "SELECT value FROM json_each(?)";

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

// `columns` of the alias i, in the order of RemovedImage.
constexpr std::string_view kRemovedFromImages =
    "i.id, i.study_id, coalesce(i.spelt_uid, i.image_uid), i.key, i.store, i.owner, i.sha256,"
    " i.size_bytes, 0";
constexpr std::string_view kRemovedFromTrash =
    "i.id, i.study_id, coalesce(i.spelt_uid, i.image_uid), i.key, i.store, i.owner, i.sha256,"
    " i.size_bytes, i.removed_at";

Result<std::vector<RemovedImage>> read_removed(Statement& rows) {
  std::vector<RemovedImage> images;
  while (PACS_TRY(rows.step())) {
    const int64_t id = rows.int64();
    const int64_t study_id = rows.int64();
    auto uid = PACS_TRY(read_uid<dicom::SopInstanceUid>(rows));
    auto key = ObjectKey::parse(rows.text_view());
    if (!key) return corrupt_row("key");
    RemovedImage image{
        .image_id = id, .study_id = study_id, .image_uid = std::move(uid), .key = std::move(*key)};
    image.store = rows.text();
    image.owner = rows.text();
    image.sha256 = PACS_TRY(read_sha256(rows));
    image.size_bytes = rows.int64();
    image.removed_at = rows.int64();
    images.push_back(std::move(image));
  }
  return images;
}

Result<std::vector<RemovedImage>> removed_by_ids(Connection& connection, std::string_view columns,
                                                 std::string_view table,
                                                 const std::vector<int64_t>& ids) {
  SqlQuery query("SELECT ");
  query.add(columns).add(" FROM ").add(table).add(
      " i WHERE i.id IN (SELECT value FROM json_each(?)) ORDER BY i.id", id_list(ids));
  Statement rows = PACS_TRY(query.prepare(connection));
  return read_removed(rows);
}

// `table` is "images" or "trashed_images", `series` the table of their series.
Result<std::vector<int64_t>> ids_of(Connection& connection, const Removal& removal,
                                    std::string_view table, std::string_view more) {
  const std::string from = "SELECT id FROM " + std::string(table) + " WHERE ";
  SqlQuery query(from);
  query.add("id IN (SELECT value FROM json_each(?))", id_list(removal.image_ids))
      .add(more)
      .add(" UNION ")
      .add(from)
      .add("series_id IN (SELECT value FROM json_each(?))", id_list(removal.series_ids))
      .add(more);
  const std::string studies = id_list(removal.study_ids);
  query.add(" UNION ").add(from);
  if (table == "images") {
    query.add(
        "series_id IN (SELECT id FROM series WHERE study_id IN (SELECT value FROM json_each(?)))",
        studies);
  } else {
    query.add("study_id IN (SELECT value FROM json_each(?))", studies);
  }
  query.add(more).add(" ORDER BY 1");
  std::vector<int64_t> ids;
  Statement rows = PACS_TRY(query.prepare(connection));
  while (PACS_TRY(rows.step())) ids.push_back(rows.int64());
  return ids;
}

Result<std::string> study_uid_of(Connection& connection, int64_t study_id) {
  Statement row = PACS_TRY(connection.prepare(
      "SELECT coalesce(spelt_uid, study_uid) FROM studies WHERE id = ?1 UNION ALL"
      " SELECT coalesce(spelt_uid, study_uid) FROM trashed_studies WHERE id = ?1"));
  row.bind(study_id);
  return PACS_TRY(row.step()) ? row.text() : std::string();
}

// A line for each image; for none at all one that says what was asked.
Result<void> audit_each(WriteTransaction& transaction, const std::vector<RemovedImage>& images,
                        const std::map<int64_t, std::string>& study_uids, const AuditLine& line) {
  if (images.empty()) return transaction.audit(line);
  AuditLine each = line;
  for (const RemovedImage& image : images) {
    each.study_uid = study_uids.at(image.study_id);
    each.image_uid = image.image_uid.str();
    PACS_TRY(transaction.audit(each));
  }
  return {};
}

Result<std::map<int64_t, std::string>> study_uids_of(Connection& connection,
                                                     const std::vector<RemovedImage>& images) {
  std::map<int64_t, std::string> uids;
  for (const RemovedImage& image : images) {
    if (!uids.contains(image.study_id)) {
      uids[image.study_id] = PACS_TRY(study_uid_of(connection, image.study_id));
    }
  }
  return uids;
}

std::vector<int64_t> ids_of(const std::vector<RemovedImage>& images) {
  std::vector<int64_t> ids;
  ids.reserve(images.size());
  for (const RemovedImage& image : images) ids.push_back(image.image_id);
  return ids;
}

class HideTransaction {
 public:
  HideTransaction(WriteTransaction& transaction, const HideOrder& order, const AuditLine& line)
      : transaction_(transaction),
        connection_(transaction.connection()),
        order_(order),
        line_(line) {}

  Result<std::vector<RemovedImage>> run() {
    const std::string studies = id_list(order_.study_ids);
    PACS_TRY(check_holds(connection_, kTheseStudies, studies, line_.time));
    std::vector<RemovedImage> hidden;
    for (const HideOrder::Part& part : order_.parts) PACS_TRY(hide(part, hidden));
    PACS_TRY(audit_each(transaction_, hidden, uids_, line_));
    for (const int64_t id : order_.study_ids) PACS_TRY(end_study(id));
    return hidden;
  }

 private:
  Result<void> hide(const HideOrder::Part& part, std::vector<RemovedImage>& hidden) {
    PACS_TRY(check_holds(connection_, kStudiesOfImages, id_list(part.image_ids), line_.time));
    auto images =
        PACS_TRY(removed_by_ids(connection_, kRemovedFromImages, "images", part.image_ids));
    uids_.merge(PACS_TRY(study_uids_of(connection_, images)));
    PACS_TRY(TrashRows(connection_)
                 .hide(ids_of(images), {.tombstone_id = part.tombstone_id,
                                        .removed_at = line_.time,
                                        .purge_at = order_.purge_at,
                                        .removed_by = order_.removed_by}));
    if (images.size() == part.image_ids.size()) {
      PACS_TRY(
          connection_.run("UPDATE tombstones SET is_settled = 1 WHERE id = ?", part.tombstone_id));
    }
    for (RemovedImage& image : images) {
      image.removed_at = line_.time;
      hidden.push_back(std::move(image));
    }
    return {};
  }

  // What still waits in it stays announced; an image that came meanwhile keeps the study.
  Result<void> end_study(int64_t id) {
    const auto is_empty = PACS_TRY(
        connection_.find_int64("SELECT 1 FROM studies WHERE id = ? AND image_count = 0", id));
    if (!is_empty) return {};
    AuditLine line = line_;
    line.study_uid = PACS_TRY(study_uid_of(connection_, id));
    PACS_TRY(StudyRows(connection_).erase(id));
    return uids_.contains(id) ? Result<void>() : transaction_.audit(line);
  }

  WriteTransaction& transaction_;
  Connection& connection_;
  const HideOrder& order_;
  const AuditLine& line_;
  std::map<int64_t, std::string> uids_;
};

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

Result<std::vector<RemovedImage>> Trash::visible(const Scope& scope, const Removal& removal,
                                                 UnixMillis now) const {
  if (!scope.covers_everything()) return std::vector<RemovedImage>();
  return database_.read([&](Connection& connection) -> Result<std::vector<RemovedImage>> {
    const auto ids = PACS_TRY(ids_of(connection, removal, "images", ""));
    PACS_TRY(check_holds(connection, kTheseStudies, id_list(removal.study_ids), now));
    PACS_TRY(check_holds(connection, kStudiesOfImages, id_list(ids), now));
    return removed_by_ids(connection, kRemovedFromImages, "images", ids);
  });
}

Result<std::vector<int64_t>> Trash::plan(const std::vector<Tombstone>& tombstones) {
  return database_.write([&](WriteTransaction& transaction) -> Result<std::vector<int64_t>> {
    std::vector<int64_t> ids;
    for (const Tombstone& tombstone : tombstones) {
      PACS_TRY(transaction.connection().run(
          "INSERT INTO tombstones(name, store, is_settled) VALUES (?, ?, 0)", tombstone.name,
          tombstone.store));
      ids.push_back(transaction.connection().last_insert_id());
    }
    return ids;
  });
}

Result<std::vector<RemovedImage>> Trash::hide(const HideOrder& order, const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) {
    return HideTransaction(transaction, order, line).run();
  });
}

Result<Restored> Trash::restore(const Removal& removal, const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) -> Result<Restored> {
    Connection& connection = transaction.connection();
    const auto all = PACS_TRY(ids_of(connection, removal, "trashed_images", ""));
    const auto ids = PACS_TRY(ids_of(connection, removal, "trashed_images", " AND is_going = 0"));
    const auto images =
        PACS_TRY(removed_by_ids(connection, kRemovedFromTrash, "trashed_images", ids));
    const auto study_uids = PACS_TRY(study_uids_of(connection, images));
    PACS_TRY(TrashRows(connection).restore(ids, line.time));
    PACS_TRY(audit_each(transaction, images, study_uids, line));
    Restored restored;
    restored.images = static_cast<int64_t>(ids.size());
    restored.images_going = static_cast<int64_t>(all.size() - ids.size());
    for (const RemovedImage& image : images) restored.size_bytes += image.size_bytes;
    return restored;
  });
}

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

Result<std::vector<RemovedImage>> Trash::begin_purge(UnixMillis now, size_t limit,
                                                     const Removal* removal) {
  return database_.write([&](WriteTransaction& transaction) -> Result<std::vector<RemovedImage>> {
    Connection& connection = transaction.connection();
    SqlQuery query("SELECT ");
    query.add(kRemovedFromTrash)
        .add(
            " FROM trashed_images i WHERE i.purge_at <= ? AND i.study_id NOT IN"
            " (SELECT study_id FROM study_holds WHERE is_held OR retain_until >= ?)",
            now, day_of(now));
    if (removal != nullptr) {
      const auto ids = PACS_TRY(ids_of(connection, *removal, "trashed_images", ""));
      query.add(" AND i.id IN (SELECT value FROM json_each(?))", id_list(ids));
    }
    query.add(" ORDER BY i.purge_at LIMIT ?", static_cast<int64_t>(limit));
    std::vector<RemovedImage> images;
    {
      Statement rows = PACS_TRY(query.prepare(connection));
      images = PACS_TRY(read_removed(rows));
    }
    if (images.empty()) return images;
    PACS_TRY(
        connection.run("UPDATE trashed_images SET is_going = 1 WHERE id IN"
                       " (SELECT value FROM json_each(?))",
                       id_list(ids_of(images))));
    return images;
  });
}

Result<int64_t> Trash::make_due(const Removal& removal, UnixMillis now) {
  return database_.write([&](WriteTransaction& transaction) -> Result<int64_t> {
    Connection& connection = transaction.connection();
    const auto ids = PACS_TRY(ids_of(connection, removal, "trashed_images", ""));
    if (ids.empty()) return 0;
    PACS_TRY(check_holds(connection, kStudiesOfTrashed, id_list(ids), now));
    PACS_TRY(
        connection.run("UPDATE trashed_images SET purge_at = min(purge_at, ?) WHERE id IN"
                       " (SELECT value FROM json_each(?))",
                       now, id_list(ids)));
    return static_cast<int64_t>(ids.size());
  });
}

Result<void> Trash::postpone(const std::vector<int64_t>& image_ids, UnixMillis until) {
  return database_.write([&](WriteTransaction& transaction) {
    return transaction.connection().run(
        "UPDATE trashed_images SET purge_at = ? WHERE id IN (SELECT value FROM json_each(?))",
        until, id_list(image_ids));
  });
}

Result<std::vector<int64_t>> Trash::still_going(const std::vector<int64_t>& image_ids) const {
  return database_.read([&](Connection& connection) -> Result<std::vector<int64_t>> {
    return ids_of(connection, Removal{.image_ids = image_ids}, "trashed_images",
                  " AND is_going = 1");
  });
}

Result<void> Trash::end_purge(const std::vector<RemovedImage>& images, const AuditLine& line) {
  if (images.empty()) return {};
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    const auto study_uids = PACS_TRY(study_uids_of(transaction.connection(), images));
    PACS_TRY(TrashRows(transaction.connection()).forget(ids_of(images)));
    return audit_each(transaction, images, study_uids, line);
  });
}

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
