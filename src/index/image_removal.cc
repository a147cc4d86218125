// How images leave the index: rows, counts, and the memory of their keys.
#include "index/ingest_transaction.h"
#include "index/rows.h"
#include "index/sql_query.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

struct LeavingImage {
  RemovedImage removed;
  int64_t study_id = 0;
  int64_t series_id = 0;
  std::string study_uid;
  std::string owner;
};

class RemovalTransaction {
 public:
  RemovalTransaction(WriteTransaction& transaction, const AuditLine& line)
      : transaction_(transaction),
        connection_(transaction.connection()),
        studies_(transaction.connection()),
        line_(line) {}

  Result<std::vector<RemovedImage>> run(const Removal& removal) {
    for (const int64_t id : removal.study_ids) PACS_TRY(remove_study(id));
    for (const int64_t id : removal.series_ids) PACS_TRY(remove_all("i.series_id = ?", id));
    for (const int64_t id : removal.image_ids) PACS_TRY(remove_all("i.id = ?", id));
    // A removal that found nothing is an action too.
    if (removed_.empty()) PACS_TRY(transaction_.audit(line_));
    return std::move(removed_);
  }

 private:
  Result<void> remove_study(int64_t id) {
    const auto study = PACS_TRY(studies_.find(id));
    if (!study) return {};
    std::vector<int64_t> series_ids;
    {
      Statement rows = PACS_TRY(connection_.prepare("SELECT id FROM series WHERE study_id = ?"));
      rows.bind(id);
      while (PACS_TRY(rows.step())) series_ids.push_back(rows.int64());
    }
    for (const int64_t series_id : series_ids) PACS_TRY(remove_all("i.series_id = ?", series_id));
    // What was announced and not sent stays announced, outside any study.
    PACS_TRY(studies_.erase(id));
    AuditLine line = line_;
    line.study_uid = study->record.study_uid.str();
    return series_ids.empty() ? transaction_.audit(line) : Result<void>();
  }

  Result<void> remove_all(std::string_view condition, int64_t id) {
    std::vector<LeavingImage> leaving;
    {
      SqlQuery query("SELECT ");
      query.add(kImageColumns).add(kImageTables).add(" WHERE ").add(condition, id);
      Statement rows = PACS_TRY(query.prepare(connection_));
      while (PACS_TRY(rows.step())) {
        ImageRecord image = PACS_TRY(read_image(rows));
        leaving.push_back(
            {RemovedImage{image.id, image.image_uid, image.attributes.key, image.attributes.store,
                          image.attributes.sha256, image.attributes.size_bytes},
             image.study_id, image.series_id, image.study_uid.str(), image.attributes.owner});
      }
    }
    for (LeavingImage& image : leaving) {
      PACS_TRY(remove_one(image));
      removed_.push_back(std::move(image.removed));
    }
    return {};
  }

  Result<void> remove_one(const LeavingImage& image) {
    const RemovedImage& removed = image.removed;
    PACS_TRY(connection_.run(
        "INSERT OR REPLACE INTO removed_images(key_hash, key, image_id, image_uid, study_id, owner,"
        " sha256, removed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        hash_of_key(removed.key), removed.key.str(), removed.image_id, removed.image_uid.to_dicom(),
        image.study_id, image.owner, Bytes(removed.sha256.bytes), line_.time));
    PACS_TRY(connection_.run("DELETE FROM frame_tables WHERE image_id = ?", removed.image_id));
    PACS_TRY(connection_.run("DELETE FROM instance_metadata WHERE series_id = ? AND image_id = ?",
                             image.series_id, removed.image_id));
    PACS_TRY(connection_.run("DELETE FROM images WHERE id = ?", removed.image_id));
    PACS_TRY(leave_series(image));
    AuditLine line = line_;
    line.study_uid = image.study_uid;
    line.image_uid = removed.image_uid.str();
    return transaction_.audit(line);
  }

  Result<void> leave_series(const LeavingImage& image) {
    PACS_TRY(connection_.run("UPDATE series SET image_count = image_count - 1 WHERE id = ?",
                             image.series_id));
    PACS_TRY(
        connection_.run("DELETE FROM series WHERE id = ? AND image_count = 0", image.series_id));
    const bool is_series_gone = connection_.changes() > 0;
    PACS_TRY(studies_.count(
        image.study_id,
        {.images = -1, .series = is_series_gone ? -1 : 0, .size_bytes = -image.removed.size_bytes},
        line_.time));
    if (!is_series_gone) return {};
    PACS_TRY(studies_.refresh_modality(image.study_id));
    return studies_.erase_if_empty(image.study_id);
  }

  WriteTransaction& transaction_;
  Connection& connection_;
  StudyRows studies_;
  const AuditLine& line_;
  std::vector<RemovedImage> removed_;
};

}  // namespace

Result<std::vector<RemovedImage>> remove_images(WriteTransaction& transaction,
                                                const Removal& removal, const AuditLine& line) {
  return RemovalTransaction(transaction, line).run(removal);
}

}  // namespace pacs::index
