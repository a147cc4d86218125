#include "index/share_links.h"

#include <utility>

#include "index/database.h"
#include "index/rows.h"
#include "index/sql_query.h"
#include "index/token_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

constexpr std::string_view kSelectLink =
    "SELECT l.public_id, l.label, l.created_by, l.key_id, l.pin_hash, l.use_count, l.pin_failures,"
    " l.pin_blocked_until, l.token_id FROM share_links l WHERE ";

Result<std::vector<ShareLinkRecord>> read_links(Connection& connection, const SqlQuery& query) {
  std::vector<ShareLinkRecord> links;
  {
    Statement row = PACS_TRY(query.prepare(connection));
    while (PACS_TRY(row.step())) {
      ShareLinkRecord link;
      link.public_id = row.text();
      link.label = row.text();
      link.created_by = row.text();
      link.key_id = row.text();
      link.pin_hash = row.text();
      link.use_count = row.int64();
      link.pin_failures = row.int64();
      link.pin_blocked_until = row.optional_int64();
      link.token.id = row.int64();
      links.push_back(std::move(link));
    }
  }
  for (ShareLinkRecord& link : links) {
    auto token = PACS_TRY(find_token(connection, link.token.id));
    if (!token || token->studies.empty()) return corrupt_row("share_links");
    link.token = std::move(*token);
  }
  return links;
}

Result<std::optional<ShareLinkRecord>> find_link(Connection& connection,
                                                 std::string_view public_id) {
  SqlQuery query(kSelectLink);
  auto links = PACS_TRY(read_links(connection, query.add("l.public_id = ?", public_id)));
  if (links.empty()) return std::optional<ShareLinkRecord>();
  return std::optional<ShareLinkRecord>(std::move(links.front()));
}

Result<ShareLinkRecord> create_link(WriteTransaction& transaction, const ShareLinkRequest& request,
                                    const AuditLine& line) {
  Connection& connection = transaction.connection();
  if (PACS_TRY(connection.find_int64("SELECT 1 FROM share_links WHERE public_id = ?",
                                     request.public_id))) {
    return already_exists("link", "There is a link of this name.");
  }
  const TokenRecord token = PACS_TRY(create_token(transaction, request.token, line));
  PACS_TRY(connection.run(
      "INSERT INTO share_links(token_id, public_id, label, created_by, key_id, pin_hash)"
      " VALUES (?, ?, ?, ?, ?, ?)",
      token.id, request.public_id, request.label, request.created_by, request.key_id,
      request.pin_hash));
  auto link = PACS_TRY(find_link(connection, request.public_id));
  if (!link) return corrupt_row("share_links");
  return std::move(*link);
}

}  // namespace

Result<ShareLinkRecord> ShareLinks::create(const ShareLinkRequest& request, const AuditLine& line) {
  return database_.write(
      [&](WriteTransaction& transaction) { return create_link(transaction, request, line); });
}

Result<std::optional<ShareLinkRecord>> ShareLinks::find(const Scope& scope,
                                                        std::string_view public_id) const {
  if (!scope.covers_everything()) return std::optional<ShareLinkRecord>();
  return database_.read([&](Connection& connection) { return find_link(connection, public_id); });
}

Result<std::optional<ShareLinkRecord>> ShareLinks::find_by_token(const Scope& scope,
                                                                 int64_t token_id) const {
  if (!scope.covers_everything()) return std::optional<ShareLinkRecord>();
  return database_.read([&](Connection& connection) -> Result<std::optional<ShareLinkRecord>> {
    SqlQuery query(kSelectLink);
    auto links = PACS_TRY(read_links(connection, query.add("l.token_id = ?", token_id)));
    if (links.empty()) return std::optional<ShareLinkRecord>();
    return std::optional<ShareLinkRecord>(std::move(links.front()));
  });
}

Result<std::vector<ShareLinkRecord>> ShareLinks::list(
    const Scope& scope, const std::optional<std::string>& created_by) const {
  if (!scope.covers_everything()) return std::vector<ShareLinkRecord>();
  SqlQuery query(kSelectLink);
  query.add("1");
  if (created_by) query.add(" AND l.created_by = ?", *created_by);
  query.add(" ORDER BY l.token_id DESC LIMIT ?", kListMax);
  return database_.read([&](Connection& connection) { return read_links(connection, query); });
}

Result<void> ShareLinks::note_use(int64_t token_id, const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    PACS_TRY(transaction.connection().run(
        "UPDATE share_links SET use_count = use_count + 1, pin_failures = 0,"
        " pin_blocked_until = NULL WHERE token_id = ?",
        token_id));
    PACS_TRY(transaction.connection().run("UPDATE tokens SET last_used_at = ? WHERE id = ?",
                                          line.time, token_id));
    return transaction.audit(line);
  });
}

Result<void> ShareLinks::note_pin_failure(int64_t token_id, std::optional<UnixMillis> blocked_until,
                                          const AuditLine& line) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    PACS_TRY(transaction.connection().run(
        "UPDATE share_links SET pin_failures = pin_failures + 1, pin_blocked_until = ?"
        " WHERE token_id = ?",
        blocked_until, token_id));
    return transaction.audit(line);
  });
}

}  // namespace pacs::index
