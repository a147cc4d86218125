// How images in the trash end.
#include <utility>

#include "index/database.h"
#include "index/sql_query.h"
#include "index/study_holds.h"
#include "index/trash.h"
#include "index/trash_queries.h"
#include "index/trash_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

constexpr std::string_view kStudiesOfTrashed =
    "SELECT study_id FROM trashed_images WHERE id IN (SELECT value FROM json_each(?))";

}  // namespace

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

Result<Trash::Due> Trash::make_due(const Removal& removal, UnixMillis now) {
  return database_.write([&](WriteTransaction& transaction) -> Result<Due> {
    Connection& connection = transaction.connection();
    const auto ids = PACS_TRY(ids_of(connection, removal, "trashed_images", ""));
    Due due{.images = ids.size()};
    if (ids.empty()) return due;
    PACS_TRY(check_holds(connection, kStudiesOfTrashed, id_list(ids), now));
    PACS_TRY(
        connection.run("UPDATE trashed_images SET purge_at = min(purge_at, ?) WHERE id IN"
                       " (SELECT value FROM json_each(?))",
                       now, id_list(ids)));
    SqlQuery sum("SELECT sum(size_bytes) FROM trashed_images WHERE id IN");
    sum.add(" (SELECT value FROM json_each(?))", id_list(ids));
    Statement row = PACS_TRY(sum.prepare(connection));
    if (PACS_TRY(row.step())) due.size_bytes = static_cast<uint64_t>(row.int64());
    return due;
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

Result<std::vector<Trash::Copy>> Trash::copies_of(const std::vector<int64_t>& image_ids) const {
  return database_.read([&](Connection& connection) -> Result<std::vector<Copy>> {
    SqlQuery query("SELECT image_id, store FROM image_copies WHERE image_id IN");
    query.add(" (SELECT value FROM json_each(?))", id_list(image_ids));
    std::vector<Copy> copies;
    Statement rows = PACS_TRY(query.prepare(connection));
    while (PACS_TRY(rows.step())) {
      const int64_t id = rows.int64();
      copies.push_back({.image_id = id, .store = rows.text()});
    }
    return copies;
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

}  // namespace pacs::index
