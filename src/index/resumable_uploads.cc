#include "index/resumable_uploads.h"

#include "index/database.h"
#include "index/rows.h"
#include "index/sql_query.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

constexpr std::string_view kSelect =
    "SELECT id, owner, metadata, announced_uuid, size_bytes, durable_bytes, staged_id, state,"
    " image_id, failure_kind, error_code, failure_reason, created_at, expires_at"
    " FROM resumable_uploads WHERE ";

Result<ResumableUpload> read_row(Statement& row) {
  ResumableUpload upload;
  upload.id = row.text();
  upload.owner = row.text();
  upload.metadata = row.text();
  if (const std::string uuid = row.text(); !uuid.empty()) {
    upload.announced_uuid = Uuid::parse(uuid);
    if (!upload.announced_uuid) return corrupt_row("resumable_uploads");
  }
  upload.size_bytes = row.int64();
  upload.durable_bytes = row.int64();
  upload.staged_id = row.text();
  const int64_t state = row.int64();
  if (state < 1 || state > 3) return corrupt_row("resumable_uploads");
  upload.state = static_cast<ResumableState>(state);
  upload.image_id = row.optional_int64();
  upload.failure_kind = row.int64();
  upload.error_code = row.text();
  upload.failure_reason = row.text();
  upload.created_at = row.int64();
  upload.expires_at = row.int64();
  return upload;
}

Result<std::vector<ResumableUpload>> read_rows(Connection& connection, const SqlQuery& query) {
  std::vector<ResumableUpload> uploads;
  Statement rows = PACS_TRY(query.prepare(connection));
  while (PACS_TRY(rows.step())) {
    auto upload = PACS_TRY(read_row(rows));
    uploads.push_back(std::move(upload));
  }
  return uploads;
}

Result<void> check_there(Connection& connection, const std::string& id) {
  if (PACS_TRY(connection.find_int64("SELECT 1 FROM resumable_uploads WHERE id = ?", id))) {
    return {};
  }
  return not_found("no_such_resumable_upload", "there is no such upload, or its time is over");
}

Result<void> create_in(WriteTransaction& transaction, const ResumableUpload& upload,
                       int64_t open_max, const AuditLine& line) {
  Connection& connection = transaction.connection();
  const auto open = PACS_TRY(connection.find_int64(
      "SELECT count(*) FROM resumable_uploads WHERE owner = ? AND state = 1", upload.owner));
  if (open.value_or(0) >= open_max) {
    return resource_exhausted("too_many_uploads",
                              "too many uploads are unfinished; finish or end some of them");
  }
  PACS_TRY(connection.run(
      "INSERT INTO resumable_uploads(id, owner, metadata, announced_uuid, size_bytes, state,"
      " created_at, expires_at) VALUES (?, ?, ?, ?, ?, 1, ?, ?)",
      upload.id, upload.owner, upload.metadata,
      upload.announced_uuid ? upload.announced_uuid->str() : std::string(), upload.size_bytes,
      upload.created_at, upload.expires_at));
  return transaction.audit(line);
}

}  // namespace

Result<void> ResumableUploads::create(const ResumableUpload& upload, int64_t open_max,
                                      const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) {
    return create_in(transaction, upload, open_max, line);
  });
}

Result<void> ResumableUploads::record(const std::string& id, const Progress& progress) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    Connection& connection = transaction.connection();
    PACS_TRY(check_there(connection, id));
    return connection.run(
        "UPDATE resumable_uploads SET staged_id = ?, durable_bytes = ?, expires_at = ?"
        " WHERE id = ? AND state = 1",
        progress.staged_id, progress.durable_bytes, progress.expires_at, id);
  });
}

Result<void> ResumableUploads::finish(const std::string& id, int64_t image_id,
                                      UnixMillis expires_at) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    Connection& connection = transaction.connection();
    PACS_TRY(check_there(connection, id));
    return connection.run(
        "UPDATE resumable_uploads SET state = 2, image_id = ?, durable_bytes = size_bytes,"
        " staged_id = '', expires_at = ? WHERE id = ?",
        image_id, expires_at, id);
  });
}

Result<void> ResumableUploads::fail(const std::string& id, const Failure& failure,
                                    const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    Connection& connection = transaction.connection();
    PACS_TRY(check_there(connection, id));
    PACS_TRY(
        connection.run("UPDATE resumable_uploads SET state = 3, failure_kind = ?, error_code = ?,"
                       " failure_reason = ?, staged_id = '', expires_at = ? WHERE id = ?",
                       failure.kind, failure.error_code, failure.reason, failure.expires_at, id));
    return transaction.audit(line);
  });
}

Result<void> ResumableUploads::remove(const std::string& id, const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    Connection& connection = transaction.connection();
    const auto state =
        PACS_TRY(connection.find_int64("SELECT state FROM resumable_uploads WHERE id = ?", id));
    PACS_TRY(connection.run("DELETE FROM resumable_uploads WHERE id = ?", id));
    if (state != static_cast<int64_t>(ResumableState::open)) return {};
    return transaction.audit(line);
  });
}

Result<std::optional<ResumableUpload>> ResumableUploads::find(const Scope& scope,
                                                              std::string_view owner,
                                                              std::string_view id) const {
  if (!scope.covers_everything()) return std::optional<ResumableUpload>();
  SqlQuery query(kSelect);
  query.add("id = ? AND owner = ?", id, owner);
  auto rows = PACS_TRY(
      database_.read([&](Connection& connection) { return read_rows(connection, query); }));
  if (rows.empty()) return std::optional<ResumableUpload>();
  return std::optional<ResumableUpload>(std::move(rows.front()));
}

Result<std::vector<ResumableUpload>> ResumableUploads::list_staged(const Scope& scope) const {
  if (!scope.covers_everything()) return std::vector<ResumableUpload>();
  SqlQuery query(kSelect);
  query.add("state = 1 AND staged_id <> ''");
  return database_.read([&](Connection& connection) { return read_rows(connection, query); });
}

Result<std::vector<ResumableUpload>> ResumableUploads::list_expired(const Scope& scope,
                                                                    UnixMillis now,
                                                                    int64_t limit) const {
  if (!scope.covers_everything()) return std::vector<ResumableUpload>();
  SqlQuery query(kSelect);
  query.add("expires_at <= ? ORDER BY expires_at LIMIT ?", now, limit);
  return database_.read([&](Connection& connection) { return read_rows(connection, query); });
}

}  // namespace pacs::index
