#include "index/trash_queries.h"

#include <utility>

#include "index/rows.h"
#include "index/sql_query.h"
#include "index/trash_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {

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

Result<void> audit_each(WriteTransaction& transaction, const std::vector<RemovedImage>& images,
                        const std::map<int64_t, std::string>& study_uids, const AuditLine& line) {
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

}  // namespace pacs::index
