#include "index/images.h"

#include <tuple>

#include "index/database.h"
#include "index/metadata_codec.h"
#include "index/rows.h"
#include "index/scope_condition.h"
#include "index/sql_query.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

SqlQuery select_image() {
  return SqlQuery(std::string("SELECT ") + std::string(kImageColumns) + std::string(kImageTables) +
                  " WHERE ");
}

SqlQuery select_series() {
  return SqlQuery(std::string("SELECT ") + std::string(kSeriesColumns) + " FROM series e WHERE ");
}

Result<std::optional<ImageRecord>> first_image(const Database& database, const SqlQuery& query) {
  return database.read([&](Connection& connection) -> Result<std::optional<ImageRecord>> {
    Statement row = PACS_TRY(query.prepare(connection));
    if (!PACS_TRY(row.step())) return std::optional<ImageRecord>();
    return std::optional<ImageRecord>(PACS_TRY(read_image(row)));
  });
}

Result<std::optional<SeriesRecord>> first_series(const Database& database, const SqlQuery& query) {
  return database.read([&](Connection& connection) -> Result<std::optional<SeriesRecord>> {
    Statement row = PACS_TRY(query.prepare(connection));
    if (!PACS_TRY(row.step())) return std::optional<SeriesRecord>();
    return std::optional<SeriesRecord>(PACS_TRY(read_series(row)));
  });
}

// A series is known by its own UID and by those that clients declared for it.
constexpr std::string_view kSeriesByUid =
    "(e.series_uid = ? OR e.id IN (SELECT series_id FROM series_aliases WHERE alias_uid = ?))";

void add_study_filters(SqlQuery& query, const ImageQuery& images) {
  if (images.study_id) {
    query.add(
        " AND e.study_id = coalesce((SELECT study_id FROM study_former_ids WHERE former_id = ?),"
        " ?)",
        *images.study_id, *images.study_id);
  }
  if (images.study_uid) {
    const std::string uid = images.study_uid->to_dicom();
    query.add(
        " AND e.study_id = coalesce((SELECT id FROM studies WHERE study_uid = ?),"
        " (SELECT study_id FROM study_aliases WHERE alias_uid = ?))",
        uid, uid);
  }
}

// The series that the question is about, in the order of the answer.
SqlQuery series_in_order(const Scope& scope, const ImageQuery& images) {
  SqlQuery query("SELECT e.id, e.number FROM series e WHERE 1");
  add_study_filters(query, images);
  if (images.series_id) query.add(" AND e.id = ?", *images.series_id);
  if (images.series_uid) {
    const std::string uid = images.series_uid->to_dicom();
    query.add(" AND ").add(kSeriesByUid, uid, uid);
  }
  // The owner of an upload sees no series, but the images in them that are its own.
  if (scope.kind() != Scope::Kind::uploads_of_owner) add_series_scope(query, scope);
  query.add(" ORDER BY e.number IS NULL, e.number, e.id");
  return query;
}

struct SeriesInOrder {
  int64_t id = 0;
  std::optional<int64_t> number;

  [[nodiscard]] auto place() const { return std::tuple(!number, number.value_or(0), id); }
};

Result<std::vector<SeriesInOrder>> read_series_in_order(Connection& connection,
                                                        const SqlQuery& query) {
  std::vector<SeriesInOrder> series;
  Statement rows = PACS_TRY(query.prepare(connection));
  while (PACS_TRY(rows.step())) {
    const int64_t id = rows.int64();
    series.push_back({id, rows.optional_int64()});
  }
  return series;
}

// Up to `limit` images of one series, those behind `after` when it is given.
Result<void> add_images(Connection& connection, const Scope& scope, int64_t series_id,
                        const ImagePosition* after, size_t limit,
                        std::vector<ImageRecord>& images) {
  SqlQuery query = select_image();
  query.add("i.series_id = ?", series_id);
  if (after != nullptr) {
    query.add(" AND (i.instance_order, i.id) > (?, ?)",
              after->instance_number.value_or(kBehindAllNumbers), after->image_id);
  }
  add_image_scope(query, scope);
  query.add(" ORDER BY i.instance_order, i.id LIMIT ?", static_cast<int64_t>(limit));
  Statement rows = PACS_TRY(query.prepare(connection));
  while (PACS_TRY(rows.step())) images.push_back(PACS_TRY(read_image(rows)));
  return {};
}

Result<ImagePage> read_page(Connection& connection, const Scope& scope, const ImageQuery& query) {
  const auto all_series = PACS_TRY(read_series_in_order(connection, series_in_order(scope, query)));
  ImagePage page;
  // One more than asked for tells whether there is a next page.
  const size_t wanted = query.page_size + 1;
  std::optional<int64_t> last_number;
  for (const SeriesInOrder& series : all_series) {
    if (page.images.size() == wanted) break;
    const ImagePosition* after = nullptr;
    if (query.after) {
      const SeriesInOrder seen{query.after->series_id, query.after->series_number};
      if (series.place() < seen.place()) continue;
      if (series.id == seen.id) after = &*query.after;
    }
    const size_t before = page.images.size();
    PACS_TRY(add_images(connection, scope, series.id, after, wanted - before, page.images));
    // The last of the page may stand in the series before.
    if (page.images.size() > before + (page.images.size() == wanted ? 1 : 0)) {
      last_number = series.number;
    }
  }
  if (page.images.size() == wanted) {
    page.images.pop_back();
    const ImageRecord& last = page.images.back();
    page.next =
        ImagePosition{last_number, last.series_id, last.attributes.instance_number, last.id};
  }
  return page;
}

}  // namespace

Result<ImagePage> Images::list(const Scope& scope, const ImageQuery& query) const {
  if (query.page_size < 1 || query.page_size > ImageQuery::kPageMax) {
    return invalid_argument("page_size", "The page size is out of bounds.");
  }
  if (!query.study_id && !query.study_uid && !query.series_id && !query.series_uid) {
    return invalid_argument("no_filter", "Name the study or the series of the images.");
  }
  return database_.read(
      [&](Connection& connection) { return read_page(connection, scope, query); });
}

Result<std::optional<ImageRecord>> Images::find(const Scope& scope, int64_t id) const {
  SqlQuery query = select_image();
  query.add("i.id = ?", id);
  add_image_scope(query, scope);
  return first_image(database_, query);
}

Result<std::optional<ImageRecord>> Images::find(const Scope& scope,
                                                const dicom::SopInstanceUid& uid) const {
  SqlQuery query = select_image();
  query.add("i.image_uid = ?", uid.to_dicom());
  add_image_scope(query, scope);
  return first_image(database_, query);
}

Result<std::optional<ImageRecord>> Images::find(const Scope& scope, const ObjectKey& key) const {
  SqlQuery query = select_image();
  query.add("i.key_hash = ? AND i.key = ?", hash_of_key(key), key.str());
  add_image_scope(query, scope);
  return first_image(database_, query);
}

Result<std::vector<SeriesRecord>> Images::series_of_study(const Scope& scope,
                                                          int64_t study_id) const {
  SqlQuery query = select_series();
  query.add("e.study_id = coalesce((SELECT study_id FROM study_former_ids WHERE former_id = ?), ?)",
            study_id, study_id);
  add_series_scope(query, scope);
  query.add(" ORDER BY e.number IS NULL, e.number, e.id");
  return database_.read([&](Connection& connection) -> Result<std::vector<SeriesRecord>> {
    std::vector<SeriesRecord> series;
    Statement rows = PACS_TRY(query.prepare(connection));
    while (PACS_TRY(rows.step())) series.push_back(PACS_TRY(read_series(rows)));
    return series;
  });
}

Result<std::optional<SeriesRecord>> Images::find_series(const Scope& scope, int64_t id) const {
  SqlQuery query = select_series();
  query.add("e.id = ?", id);
  add_series_scope(query, scope);
  return first_series(database_, query);
}

Result<std::optional<SeriesRecord>> Images::find_series(const Scope& scope,
                                                        const dicom::SeriesUid& uid) const {
  const std::string dicom_uid = uid.to_dicom();
  SqlQuery query = select_series();
  query.add(kSeriesByUid, dicom_uid, dicom_uid);
  add_series_scope(query, scope);
  query.add(" ORDER BY e.series_uid <> ?, e.id LIMIT 1", dicom_uid);
  return first_series(database_, query);
}

Result<std::vector<InstanceMetadata>> Images::metadata(
    const Scope& scope, const std::vector<int64_t>& image_ids) const {
  return database_.read([&](Connection& connection) -> Result<std::vector<InstanceMetadata>> {
    std::vector<InstanceMetadata> texts;
    for (const int64_t id : image_ids) {
      SqlQuery query(
          "SELECT m.dictionary_id, m.json FROM images i JOIN instance_metadata m"
          " ON m.series_id = i.series_id AND m.image_id = i.id WHERE i.id = ");
      query.add("?", id);
      add_image_scope(query, scope);
      Statement row = PACS_TRY(query.prepare(connection));
      if (!PACS_TRY(row.step())) continue;
      const int64_t dictionary_id = row.int64();
      auto json = PACS_TRY(database_.metadata_codec().decompress(dictionary_id, row.blob()));
      texts.push_back({id, std::move(json)});
    }
    return texts;
  });
}

Result<std::vector<InstanceMetadata>> Images::metadata_of_series(const Scope& scope,
                                                                 int64_t series_id) const {
  // Images are looked at only where the scope asks about them.
  SqlQuery query("SELECT m.image_id, m.dictionary_id, m.json FROM instance_metadata m");
  if (!scope.covers_everything()) query.add(" JOIN images i ON i.id = m.image_id");
  query.add(" WHERE m.series_id = ?", series_id);
  add_image_scope(query, scope);
  query.add(" ORDER BY m.image_id");
  return database_.read([&](Connection& connection) -> Result<std::vector<InstanceMetadata>> {
    std::vector<InstanceMetadata> texts;
    Statement rows = PACS_TRY(query.prepare(connection));
    while (PACS_TRY(rows.step())) {
      const int64_t image_id = rows.int64();
      const int64_t dictionary_id = rows.int64();
      auto json = PACS_TRY(database_.metadata_codec().decompress(dictionary_id, rows.blob()));
      texts.push_back({image_id, std::move(json)});
    }
    return texts;
  });
}

Result<std::optional<ByteVector>> Images::frame_table(const Scope& scope, int64_t image_id) const {
  SqlQuery query("SELECT f.bytes FROM images i JOIN frame_tables f ON f.image_id = i.id WHERE ");
  query.add("i.id = ?", image_id);
  add_image_scope(query, scope);
  return database_.read([&](Connection& connection) -> Result<std::optional<ByteVector>> {
    Statement row = PACS_TRY(query.prepare(connection));
    if (!PACS_TRY(row.step())) return std::optional<ByteVector>();
    const Bytes bytes = row.blob();
    return std::optional<ByteVector>(ByteVector(bytes.begin(), bytes.end()));
  });
}

Result<bool> Images::was_removed(const Scope& scope, const ObjectKey& key) const {
  SqlQuery query("SELECT 1 FROM removed_images r WHERE ");
  query.add("r.key_hash = ? AND r.key = ?", hash_of_key(key), key.str());
  add_removed_image_scope(query, scope);
  return database_.read([&](Connection& connection) -> Result<bool> {
    Statement row = PACS_TRY(query.prepare(connection));
    return row.step();
  });
}

Result<void> Images::set_blob_identity(int64_t image_id, const std::string& identity) {
  return database_.write([&](WriteTransaction& transaction) {
    return transaction.connection().run("UPDATE images SET blob_identity = ? WHERE id = ?",
                                        identity, image_id);
  });
}

}  // namespace pacs::index
