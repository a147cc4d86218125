#include "index/audit_log.h"

#include <algorithm>
#include <map>

#include "index/audit_chain.h"
#include "index/database.h"
#include "index/rows.h"
#include "index/sql_query.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

constexpr std::string_view kSelectLine =
    "SELECT id, chain_id, sequence, time, actor, action, study_uid, image_uid, request_id,"
    " outcome, detail, hash FROM audit_lines WHERE ";

struct ReadLine {
  StoredAuditLine stored;
  Sha256Digest hash;
};

Result<ReadLine> read_line(Statement& row) {
  ReadLine read;
  StoredAuditLine& stored = read.stored;
  stored.id = row.int64();
  stored.chain_id = row.int64();
  stored.sequence = row.int64();
  stored.line.time = row.int64();
  stored.line.actor = row.text();
  stored.line.action = row.text();
  stored.line.study_uid = row.text();
  stored.line.image_uid = row.text();
  stored.line.request_id = row.text();
  stored.line.outcome = static_cast<AuditOutcome>(row.int64());
  stored.line.detail = row.text();
  read.hash = PACS_TRY(read_sha256(row));
  stored.hash = read.hash.hex();
  return read;
}

void add_filters(SqlQuery& sql, const AuditQuery& query) {
  if (query.study_uid) sql.add(" AND study_uid <> '' AND study_uid = ?", *query.study_uid);
  if (query.actor) sql.add(" AND actor = ?", *query.actor);
  if (query.action) sql.add(" AND action = ?", *query.action);
  if (query.from) sql.add(" AND time >= ?", *query.from);
  if (query.before) sql.add(" AND time < ?", *query.before);
  if (query.before_id) sql.add(" AND id < ?", *query.before_id);
}

using Verdict = std::optional<BrokenAuditLine>;

// The lines of one chain behind `last`, which ends up as the hash of the last of them.
Result<Verdict> verify_lines(Connection& connection, int64_t chain_id, Sha256Digest& last) {
  SqlQuery query(kSelectLine);
  query.add("chain_id = ? ORDER BY sequence", chain_id);
  Statement rows = PACS_TRY(query.prepare(connection));
  for (int64_t sequence = 1; PACS_TRY(rows.step()); ++sequence) {
    const ReadLine read = PACS_TRY(read_line(rows));
    if (read.stored.sequence != sequence) {
      return Verdict({chain_id, sequence, "A line is missing."});
    }
    if (hash_of_line(last, chain_id, sequence, read.stored.line) != read.hash) {
      return Verdict({chain_id, sequence, "The line is not what was written."});
    }
    last = read.hash;
  }
  return Verdict();
}

Result<Verdict> verify_chains(Connection& connection) {
  // The last hash of each node's chain so far: the next one goes on from it.
  std::map<std::string, Sha256Digest> last_of_node;
  Statement heads = PACS_TRY(connection.prepare(
      "SELECT id, node, started_at, previous_hash, head_hash FROM audit_chains ORDER BY id"));
  int64_t expected_id = 1;
  while (PACS_TRY(heads.step())) {
    AuditChainHead head;
    head.chain_id = heads.int64();
    head.node = heads.text();
    head.started_at = heads.int64();
    head.previous = PACS_TRY(read_sha256(heads));
    Sha256Digest last = PACS_TRY(read_sha256(heads));
    if (head.chain_id != expected_id++) {
      return Verdict({head.chain_id - 1, 0, "A whole chain is missing."});
    }
    if (hash_of_head(head) != last) {
      return Verdict({head.chain_id, 0, "The head of the chain is not what was written."});
    }
    Sha256Digest& last_before = last_of_node[head.node];
    if (head.previous != last_before) {
      return Verdict({head.chain_id, 0, "The chain before it has lost its end."});
    }
    if (auto broken = PACS_TRY(verify_lines(connection, head.chain_id, last))) return broken;
    last_before = last;
  }
  return Verdict();
}

}  // namespace

Result<void> AuditLog::append(const AuditLine& line) { return append_reads({line}); }

Result<void> AuditLog::append_reads(const std::vector<AuditLine>& lines) {
  return database_.write([&](WriteTransaction& transaction) -> Result<void> {
    for (const AuditLine& line : lines) PACS_TRY(transaction.audit(line));
    return {};
  });
}

Result<std::vector<StoredAuditLine>> AuditLog::list(const Scope& scope,
                                                    const AuditQuery& query) const {
  if (query.limit < 1 || query.limit > kPageMax) {
    return invalid_argument("page_size", "The limit is out of bounds.");
  }
  if (!scope.covers_everything()) return std::vector<StoredAuditLine>();
  SqlQuery sql(kSelectLine);
  sql.add("1");
  add_filters(sql, query);
  sql.add(" ORDER BY id DESC LIMIT ?", static_cast<int64_t>(query.limit));
  return database_.read([&](Connection& connection) -> Result<std::vector<StoredAuditLine>> {
    std::vector<StoredAuditLine> lines;
    Statement rows = PACS_TRY(sql.prepare(connection));
    while (PACS_TRY(rows.step())) lines.push_back(PACS_TRY(read_line(rows)).stored);
    return lines;
  });
}

Result<bool> AuditLog::covers(UnixMillis time) const {
  return database_.read([&](Connection& connection) -> Result<bool> {
    const auto later = PACS_TRY(connection.find_int64(
        "SELECT time >= ? FROM audit_lines WHERE chain_id = (SELECT id FROM audit_chains"
        " WHERE started_at <= ? ORDER BY started_at DESC, id DESC LIMIT 1)"
        " ORDER BY sequence DESC LIMIT 1",
        time, time));
    return later.value_or(0) != 0;
  });
}

Result<std::optional<BrokenAuditLine>> AuditLog::verify_chain() const {
  return database_.read(verify_chains);
}

}  // namespace pacs::index
