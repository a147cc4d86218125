#include "index/uploads.h"

#include <utility>

#include "index/announce_transaction.h"
#include "index/database.h"
#include "index/id_reservations.h"
#include "index/rows.h"
#include "index/scope_condition.h"
#include "index/sql_query.h"
#include "index/upload_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

// Changes the record that `change` is given, when there is one and `change` says so.
template <typename Change>
Result<UploadRecord> change_upload(Database& database, const UploadKey& key, AuditLine line,
                                   const Change& change) {
  return database.write([&](WriteTransaction& transaction) -> Result<UploadRecord> {
    UploadRows uploads(transaction.connection());
    const auto before = PACS_TRY(uploads.find(key));
    if (!before) return not_found("no_such_upload", "There is no upload with this image_uuid.");
    UploadRecord after = *before;
    PACS_TRY(change(after));
    PACS_TRY(uploads.update(*before, after, line.time));
    PACS_TRY(fill_study_uid(transaction, after, line));
    PACS_TRY(transaction.audit(line));
    return after;
  });
}

bool has_bytes(const UploadRecord& upload) {
  return upload.status == UploadStatus::binary_uploaded ||
         upload.status == UploadStatus::ack_received;
}

Result<std::optional<UploadRecord>> first_upload(const Database& database, const SqlQuery& query) {
  return database.read([&](Connection& connection) -> Result<std::optional<UploadRecord>> {
    Statement row = PACS_TRY(query.prepare(connection));
    if (!PACS_TRY(row.step())) return std::optional<UploadRecord>();
    return std::optional<UploadRecord>(PACS_TRY(read_upload(row)));
  });
}

SqlQuery select_upload() {
  return SqlQuery(std::string("SELECT ") + std::string(kUploadColumns) + " FROM uploads u WHERE ");
}

// Numbers in the text, not bound: the partial index of what is unfinished is only considered when
// the statement itself says that ACK_RECEIVED is not asked for.
void add_statuses(SqlQuery& sql, const std::vector<UploadStatus>& statuses) {
  if (statuses.empty()) return;
  std::string list;
  bool is_unfinished = true;
  for (const UploadStatus status : statuses) {
    list += (list.empty() ? "" : ", ") + std::to_string(static_cast<int>(status));
    if (status == UploadStatus::ack_received) is_unfinished = false;
  }
  sql.add(" AND u.status IN (" + list + ")");
  if (is_unfinished) sql.add(" AND u.status <> 3");
}

void add_filters(SqlQuery& sql, const UploadQuery& query) {
  add_statuses(sql, query.statuses);
  if (query.order) {
    sql.add(" AND u.order_kind = ? AND u.order_value = ?", static_cast<int64_t>(query.order->kind),
            query.order->value);
  }
  if (query.session_id) sql.add(" AND u.session_id = ?", *query.session_id);
  if (query.study_id) {
    sql.add(
        " AND u.study_id = coalesce((SELECT study_id FROM study_former_ids WHERE former_id = ?),"
        " ?)",
        *query.study_id, *query.study_id);
  }
  if (query.image_uuid) sql.add(" AND u.image_uuid = ?", query.image_uuid->str());
}

}  // namespace

Result<AnnounceOutcome> Uploads::announce(const AnnounceRequest& request, const AuditLine& line) {
  const bool is_of_known_study =
      PACS_TRY(database_.read([&](Connection& connection) -> Result<bool> {
        return PACS_TRY(find_announced_study(connection, request)).has_value();
      }));
  const int64_t reserved_id = is_of_known_study ? 0 : PACS_TRY(database_.ids().next_study_id());
  return database_.write([&](WriteTransaction& transaction) {
    return AnnounceTransaction(transaction, request, reserved_id).run(line);
  });
}

Result<UploadRecord> Uploads::fail(const UploadKey& key, const std::string& failure_reason,
                                   const std::string& error_code, const AuditLine& line) {
  return change_upload(database_, key, line, [&](UploadRecord& upload) -> Result<void> {
    if (has_bytes(upload)) return {};
    upload.status = UploadStatus::failed;
    upload.failure_reason = failure_reason;
    upload.error_code = error_code;
    return {};
  });
}

Result<UploadRecord> Uploads::retry(const UploadKey& key, const AuditLine& line) {
  return change_upload(database_, key, line, [](UploadRecord& upload) -> Result<void> {
    if (upload.status == UploadStatus::failed) begin_retry(upload);
    return {};
  });
}

Result<UploadRecord> Uploads::acknowledge(const UploadKey& key, const std::string& receipt,
                                          const AuditLine& line) {
  return change_upload(database_, key, line, [&](UploadRecord& upload) -> Result<void> {
    if (!has_bytes(upload)) {
      return conflict("bytes_missing", "The bytes of the image have not been stored yet.");
    }
    if (upload.status == UploadStatus::ack_received) return {};
    upload.status = UploadStatus::ack_received;
    upload.ack_received_at = line.time;
    upload.receipt = receipt;
    return {};
  });
}

Result<void> Uploads::restore(const std::vector<UploadRecord>& uploads, const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    UploadRows rows(transaction.connection());
    for (const UploadRecord& upload : uploads) {
      if (PACS_TRY(rows.find(upload.key))) continue;
      UploadRecord restored = upload;
      PACS_TRY(rows.insert(restored));
      PACS_TRY(rows.update(restored, restored, line.time));
    }
    return transaction.audit(line);
  });
}

Result<std::optional<UploadRecord>> Uploads::find(const Scope& scope, const UploadKey& key) const {
  SqlQuery query = select_upload();
  query.add("u.image_uuid = ? AND u.owner = ?", key.image_uuid.str(), key.owner);
  add_upload_scope(query, scope);
  return first_upload(database_, query);
}

Result<std::optional<UploadRecord>> Uploads::find(const Scope& scope, int64_t id) const {
  SqlQuery query = select_upload();
  query.add("u.id = ?", id);
  add_upload_scope(query, scope);
  return first_upload(database_, query);
}

Result<std::vector<UploadRecord>> Uploads::list(const Scope& scope,
                                                const UploadQuery& query) const {
  if (query.limit < 1 || query.limit > UploadQuery::kPageMax) {
    return invalid_argument("page_size", "The limit is out of bounds.");
  }
  const bool oldest_first = query.ordering == UploadQuery::Ordering::oldest_first;
  SqlQuery sql = select_upload();
  sql.add("1");
  add_filters(sql, query);
  if (query.after_id) sql.add(oldest_first ? " AND u.id > ?" : " AND u.id < ?", *query.after_id);
  add_upload_scope(sql, scope);
  sql.add(oldest_first ? " ORDER BY u.id LIMIT ?" : " ORDER BY u.id DESC LIMIT ?",
          static_cast<int64_t>(query.limit));
  return database_.read([&](Connection& connection) -> Result<std::vector<UploadRecord>> {
    std::vector<UploadRecord> uploads;
    Statement rows = PACS_TRY(sql.prepare(connection));
    while (PACS_TRY(rows.step())) uploads.push_back(PACS_TRY(read_upload(rows)));
    return uploads;
  });
}

}  // namespace pacs::index
