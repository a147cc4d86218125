#include "index/tokens.h"

#include <algorithm>
#include <utility>

#include "core/text.h"
#include "index/database.h"
#include "index/rows.h"
#include "index/sql_query.h"
#include "index/token_rows.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

constexpr std::string_view kSelectToken =
    "SELECT id, name, roles, secret_sha256, study_id, created_at, expires_at, revoked_at,"
    " last_used_at, (SELECT group_concat(x.study_id || ' ' || x.study_uid, ',')"
    " FROM share_link_studies x WHERE x.token_id = tokens.id) FROM tokens WHERE ";

// "12 1.2.3,14 1.2.4"; in the order of their ids.
Result<std::vector<LinkedStudy>> parse_linked_studies(std::string_view text) {
  std::vector<LinkedStudy> studies;
  for (const std::string_view part : split(text, ',')) {
    if (part.empty()) continue;
    const size_t space = part.find(' ');
    const auto id = parse_unsigned(part.substr(0, space));
    if (!id || space == std::string_view::npos) return corrupt_row("share_link_studies");
    studies.push_back({static_cast<int64_t>(*id), std::string(part.substr(space + 1))});
  }
  std::sort(studies.begin(), studies.end(),
            [](const auto& left, const auto& right) { return left.id < right.id; });
  return studies;
}

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
  token.studies = PACS_TRY(parse_linked_studies(row.text_view()));
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

// The study of this id now; it may have been merged into another meanwhile.
Result<int64_t> study_now(Connection& connection, int64_t id) {
  const auto found = PACS_TRY(connection.find_int64(
      "SELECT id FROM studies WHERE id ="
      " coalesce((SELECT study_id FROM study_former_ids WHERE former_id = ?), ?)",
      id, id));
  if (!found) return not_found("no_such_study", "There is no such study.");
  return *found;
}

Result<TokenRecord> revoke_in(WriteTransaction& transaction, int64_t id, const AuditLine& line) {
  Connection& connection = transaction.connection();
  PACS_TRY(connection.run("UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?",
                          line.time, id));
  auto token = PACS_TRY(find_token(connection, id));
  if (!token) return not_found("no_such_token", "There is no such token.");
  PACS_TRY(transaction.audit(line));
  return std::move(*token);
}

}  // namespace

Result<std::optional<TokenRecord>> find_token(Connection& connection, int64_t id) {
  SqlQuery query(kSelectToken);
  return first_token(connection, query.add("id = ?", id));
}

Result<TokenRecord> create_token(WriteTransaction& transaction, const TokenRequest& request,
                                 const AuditLine& line) {
  Connection& connection = transaction.connection();
  if (PACS_TRY(connection.find_int64("SELECT 1 FROM tokens WHERE secret_sha256 = ?",
                                     Bytes(request.secret_sha256.bytes)))) {
    return already_exists("token", "There is a token with this secret.");
  }
  std::vector<LinkedStudy> studies = request.studies;
  for (LinkedStudy& study : studies) study.id = PACS_TRY(study_now(connection, study.id));
  const std::optional<int64_t> first =
      studies.empty() ? std::nullopt : std::optional<int64_t>(studies.front().id);
  PACS_TRY(connection.run(
      "INSERT INTO tokens(name, roles, secret_sha256, study_id, created_at, expires_at)"
      " VALUES (?, ?, ?, ?, ?, ?)",
      request.name, request.roles, Bytes(request.secret_sha256.bytes), first, line.time,
      request.expires_at));
  const int64_t id = connection.last_insert_id();
  for (const LinkedStudy& study : studies) {
    PACS_TRY(connection.run(
        "INSERT OR IGNORE INTO share_link_studies(token_id, study_id, study_uid) VALUES (?, ?, ?)",
        id, study.id, study.uid));
  }
  PACS_TRY(transaction.audit(line));
  auto token = PACS_TRY(find_token(connection, id));
  if (!token) return corrupt_row("tokens");
  return std::move(*token);
}

Result<TokenRecord> Tokens::create(const TokenRequest& request, const AuditLine& line) {
  return database_.write(
      [&](WriteTransaction& transaction) { return create_token(transaction, request, line); });
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
  return database_.read([&](Connection& connection) { return find_token(connection, id); });
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
