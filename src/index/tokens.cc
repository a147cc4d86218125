#include "index/tokens.h"

#include "index/database.h"
#include "index/rows.h"
#include "index/sql_query.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

constexpr std::string_view kSelectToken =
    "SELECT id, name, roles, secret_sha256, study_id, created_at, expires_at, revoked_at,"
    " last_used_at FROM tokens WHERE ";

Result<TokenRecord> read_token(Statement& row) {
  TokenRecord token;
  token.id = row.int64();
  token.name = row.text();
  token.roles = row.text();
  token.secret_sha256 = PACS_TRY(read_sha256(row));
  token.study_id = row.optional_int64();
  token.created_at = row.int64();
  token.expires_at = row.optional_int64();
  token.revoked_at = row.optional_int64();
  token.last_used_at = row.optional_int64();
  return token;
}

Result<std::vector<TokenRecord>> read_tokens(Connection& connection, const SqlQuery& query) {
  std::vector<TokenRecord> tokens;
  Statement rows = PACS_TRY(query.prepare(connection));
  while (PACS_TRY(rows.step())) tokens.push_back(PACS_TRY(read_token(rows)));
  return tokens;
}

Result<std::optional<TokenRecord>> first_token(Connection& connection, const SqlQuery& query) {
  auto tokens = PACS_TRY(read_tokens(connection, query));
  if (tokens.empty()) return std::optional<TokenRecord>();
  return std::optional<TokenRecord>(std::move(tokens.front()));
}

Result<std::optional<TokenRecord>> find_by_id(Connection& connection, int64_t id) {
  SqlQuery query(kSelectToken);
  return first_token(connection, query.add("id = ?", id));
}

Result<TokenRecord> create_in(WriteTransaction& transaction, const TokenRequest& request,
                              const AuditLine& line) {
  Connection& connection = transaction.connection();
  if (PACS_TRY(connection.find_int64("SELECT 1 FROM tokens WHERE secret_sha256 = ?",
                                     Bytes(request.secret_sha256.bytes)))) {
    return already_exists("token", "There is a token with this secret.");
  }
  std::optional<int64_t> study_id = request.study_id;
  if (study_id) {
    study_id = PACS_TRY(connection.find_int64(
        "SELECT id FROM studies WHERE id ="
        " coalesce((SELECT study_id FROM study_former_ids WHERE former_id = ?), ?)",
        *study_id, *study_id));
    if (!study_id) return not_found("no_such_study", "There is no such study.");
  }
  PACS_TRY(connection.run(
      "INSERT INTO tokens(name, roles, secret_sha256, study_id, created_at, expires_at)"
      " VALUES (?, ?, ?, ?, ?, ?)",
      request.name, request.roles, Bytes(request.secret_sha256.bytes), study_id, line.time,
      request.expires_at));
  const int64_t id = connection.last_insert_id();
  PACS_TRY(transaction.audit(line));
  auto token = PACS_TRY(find_by_id(connection, id));
  if (!token) return corrupt_row("tokens");
  return std::move(*token);
}

Result<TokenRecord> revoke_in(WriteTransaction& transaction, int64_t id, const AuditLine& line) {
  Connection& connection = transaction.connection();
  PACS_TRY(connection.run("UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?",
                          line.time, id));
  auto token = PACS_TRY(find_by_id(connection, id));
  if (!token) return not_found("no_such_token", "There is no such token.");
  PACS_TRY(transaction.audit(line));
  return std::move(*token);
}

}  // namespace

Result<TokenRecord> Tokens::create(const TokenRequest& request, const AuditLine& line) {
  return database_.write(
      [&](WriteTransaction& transaction) { return create_in(transaction, request, line); });
}

Result<std::optional<TokenRecord>> Tokens::find_by_secret(const Scope& scope,
                                                          const Sha256Digest& secret_sha256) const {
  if (!scope.covers_everything()) return std::optional<TokenRecord>();
  return database_.read([&](Connection& connection) -> Result<std::optional<TokenRecord>> {
    Statement row = PACS_TRY(connection.prepare(std::string(kSelectToken) + "secret_sha256 = ?"));
    row.bind(Bytes(secret_sha256.bytes));
    if (!PACS_TRY(row.step())) return std::optional<TokenRecord>();
    return std::optional<TokenRecord>(PACS_TRY(read_token(row)));
  });
}

Result<std::optional<TokenRecord>> Tokens::find(const Scope& scope, int64_t id) const {
  if (!scope.covers_everything()) return std::optional<TokenRecord>();
  return database_.read([&](Connection& connection) { return find_by_id(connection, id); });
}

Result<std::vector<TokenRecord>> Tokens::list(const Scope& scope) const {
  if (!scope.covers_everything()) return std::vector<TokenRecord>();
  SqlQuery query(kSelectToken);
  query.add("1 ORDER BY id DESC");
  return database_.read([&](Connection& connection) { return read_tokens(connection, query); });
}

Result<TokenRecord> Tokens::revoke(int64_t id, const AuditLine& line) {
  return database_.write(
      [&](WriteTransaction& transaction) { return revoke_in(transaction, id, line); });
}

Result<void> Tokens::touch(int64_t id, UnixMillis used_at) {
  return database_.write([&](WriteTransaction& transaction) {
    return transaction.connection().run(
        "UPDATE tokens SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?", used_at,
        id);
  });
}

}  // namespace pacs::index
