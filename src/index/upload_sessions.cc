#include "index/upload_sessions.h"

#include <algorithm>

#include "index/database.h"
#include "index/rows.h"
#include "index/scope_condition.h"
#include "index/sql_query.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

// Statuses 2 and 3 have their bytes, 4 has failed (UploadStatus).
constexpr std::string_view kSelectSession =
    "SELECT x.id, x.owner, x.session_uuid, x.created_by_name, x.order_kind, x.order_value,"
    " x.device_id, x.device_info, x.total_images, x.created_at, count(u.id),"
    " coalesce(sum(u.status IN (2, 3)), 0), coalesce(sum(u.status = 4), 0), min(u.created_at),"
    " max(u.binary_uploaded_at), coalesce((SELECT f.failure_reason FROM uploads f"
    " WHERE f.session_id = x.id AND f.status = 4 ORDER BY f.id DESC LIMIT 1), '')"
    " FROM upload_sessions x LEFT JOIN uploads u ON u.session_id = x.id WHERE ";

SessionStatus status_of(const UploadSessionRecord& session) {
  if (session.images_announced == 0) return SessionStatus::queued;
  const int64_t settled = session.images_uploaded + session.images_failed;
  if (settled < session.total_images) return SessionStatus::uploading;
  if (session.images_failed == 0) return SessionStatus::synced;
  return session.images_uploaded == 0 ? SessionStatus::failed : SessionStatus::partial;
}

Result<UploadSessionRecord> read_session(Statement& row) {
  const int64_t id = row.int64();
  std::string owner = row.text();
  auto session_uuid = Uuid::parse(row.text_view());
  if (!session_uuid) return corrupt_row("UUID");
  UploadSessionRecord session{
      .id = id, .session_uuid = std::move(*session_uuid), .owner = std::move(owner)};
  session.created_by_name = row.text();
  session.order = read_order(row);
  session.device_id = row.text();
  session.device_info = row.text();
  const int64_t declared_images = row.int64();
  session.created_at = row.int64();
  session.images_announced = row.int64();
  session.images_uploaded = row.int64();
  session.images_failed = row.int64();
  session.total_images = std::max(declared_images, session.images_announced);
  session.started_at = row.optional_int64();
  const auto last_bytes_at = row.optional_int64();
  session.error_message = row.text();
  session.status = status_of(session);
  if (session.status == SessionStatus::synced) session.completed_at = last_bytes_at;
  return session;
}

Result<std::vector<UploadSessionRecord>> read_sessions(Connection& connection,
                                                       const SqlQuery& query) {
  std::vector<UploadSessionRecord> sessions;
  Statement rows = PACS_TRY(query.prepare(connection));
  while (PACS_TRY(rows.step())) sessions.push_back(PACS_TRY(read_session(rows)));
  return sessions;
}

Result<std::optional<UploadSessionRecord>> find_own(Connection& connection,
                                                    const SessionRequest& request) {
  SqlQuery query(kSelectSession);
  query.add("x.session_uuid = ? AND x.owner = ? GROUP BY x.id", request.session_uuid.str(),
            request.owner);
  auto sessions = PACS_TRY(read_sessions(connection, query));
  if (sessions.empty()) return std::optional<UploadSessionRecord>();
  return std::optional<UploadSessionRecord>(std::move(sessions.front()));
}

Result<SessionOutcome> find_or_create_in(WriteTransaction& transaction,
                                         const SessionRequest& request, const AuditLine& line) {
  Connection& connection = transaction.connection();
  const auto known = PACS_TRY(find_own(connection, request));
  if (known && request.order && known->order != request.order) {
    return conflict("order_mismatch", "The upload session was made for another order.");
  }
  if (known) {
    PACS_TRY(connection.run(
        "UPDATE upload_sessions SET total_images = max(total_images, ?) WHERE id = ?",
        request.total_images, known->id));
  } else {
    PACS_TRY(connection.run(
        "INSERT INTO upload_sessions(owner, session_uuid, created_by_name, order_kind,"
        " order_value, device_id, device_info, total_images, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        request.owner, request.session_uuid.str(), request.created_by_name, kind_of(request.order),
        value_of(request.order), request.device_id, request.device_info, request.total_images,
        line.time));
  }
  PACS_TRY(transaction.audit(line));
  auto session = PACS_TRY(find_own(connection, request));
  if (!session) return corrupt_row("upload_sessions");
  return SessionOutcome{known ? SessionOutcome::Kind::existed : SessionOutcome::Kind::created,
                        std::move(*session)};
}

}  // namespace

Result<SessionOutcome> UploadSessions::find_or_create(const SessionRequest& request,
                                                      const AuditLine& line) {
  return database_.write(
      [&](WriteTransaction& transaction) { return find_or_create_in(transaction, request, line); });
}

Result<std::optional<UploadSessionRecord>> UploadSessions::find(const Scope& scope,
                                                                int64_t id) const {
  SqlQuery query(kSelectSession);
  query.add("x.id = ?", id);
  add_session_scope(query, scope);
  query.add(" GROUP BY x.id");
  return database_.read([&](Connection& connection) -> Result<std::optional<UploadSessionRecord>> {
    auto sessions = PACS_TRY(read_sessions(connection, query));
    if (sessions.empty()) return std::optional<UploadSessionRecord>();
    return std::optional<UploadSessionRecord>(std::move(sessions.front()));
  });
}

Result<std::vector<UploadSessionRecord>> UploadSessions::list(const Scope& scope,
                                                              const SessionQuery& query) const {
  if (query.limit < 1 || query.limit > SessionQuery::kPageMax) {
    return invalid_argument("page_size", "The limit is out of bounds.");
  }
  SqlQuery sql(kSelectSession);
  sql.add("1");
  if (query.order) {
    sql.add(" AND x.order_kind = ? AND x.order_value = ?", static_cast<int64_t>(query.order->kind),
            query.order->value);
  }
  if (query.session_uuid) sql.add(" AND x.session_uuid = ?", query.session_uuid->str());
  if (query.before_id) sql.add(" AND x.id < ?", *query.before_id);
  add_session_scope(sql, scope);
  sql.add(" GROUP BY x.id ORDER BY x.id DESC LIMIT ?", static_cast<int64_t>(query.limit));
  return database_.read([&](Connection& connection) { return read_sessions(connection, sql); });
}

}  // namespace pacs::index
