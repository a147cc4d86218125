#include "index/trash.h"

#include <map>
#include <utility>

#include "index/database.h"
#include "index/sqlite_connection.h"
#include "index/study_holds.h"
#include "index/trash_queries.h"
#include "index/trash_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

constexpr std::string_view kStudiesOfImages =
    "SELECT study_id FROM images WHERE id IN (SELECT value FROM json_each(?))";
constexpr std::string_view kTheseStudies = "SELECT value FROM json_each(?)";

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
    if (!hidden.empty()) PACS_TRY(audit_each(transaction_, hidden, uids_, line_));
    bool has_line = !hidden.empty();
    for (const int64_t id : order_.study_ids) has_line = PACS_TRY(end_study(id)) || has_line;
    // Somebody asked for it, and there was nothing to hide.
    if (!has_line) PACS_TRY(transaction_.audit(line_));
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

  // What still waits in it stays announced; an image that came meanwhile keeps the study. True when
  // this has a line of its own, having had no images.
  Result<bool> end_study(int64_t id) {
    const auto is_empty = PACS_TRY(
        connection_.find_int64("SELECT 1 FROM studies WHERE id = ? AND image_count = 0", id));
    if (!is_empty) return false;
    AuditLine line = line_;
    line.study_uid = PACS_TRY(study_uid_of(connection_, id));
    PACS_TRY(StudyRows(connection_).erase(id));
    if (uids_.contains(id)) return false;
    PACS_TRY(transaction_.audit(line));
    return true;
  }

  WriteTransaction& transaction_;
  Connection& connection_;
  const HideOrder& order_;
  const AuditLine& line_;
  std::map<int64_t, std::string> uids_;
};

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
    if (ids.empty()) return Restored{.images_going = static_cast<int64_t>(all.size())};
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

}  // namespace pacs::index
