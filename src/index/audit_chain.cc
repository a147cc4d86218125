#include "index/audit_chain.h"

#include <algorithm>
#include <string_view>

#include "index/sqlite_connection.h"

namespace pacs::index {
namespace {

// A field is its name, the size of its value and the value, so that no value can pass for the
// fields behind it.
void add_field(std::string& text, std::string_view name, std::string_view value) {
  text += name;
  text += '=';
  text += std::to_string(value.size());
  text += ':';
  text += value;
  text += '\n';
}

void add_field(std::string& text, std::string_view name, int64_t value) {
  add_field(text, name, std::to_string(value));
}

// The last hash of the node's newest chain, which may be a head without lines.
Result<Sha256Digest> last_hash_of_node(Connection& connection, const std::string& node) {
  Statement chain = PACS_TRY(connection.prepare(
      "SELECT id, head_hash FROM audit_chains WHERE node = ? ORDER BY id DESC LIMIT 1"));
  chain.bind(node);
  Sha256Digest hash;
  if (!PACS_TRY(chain.step())) return hash;
  const int64_t chain_id = chain.int64();
  Statement line = PACS_TRY(connection.prepare(
      "SELECT hash FROM audit_lines WHERE chain_id = ? ORDER BY sequence DESC LIMIT 1"));
  line.bind(chain_id);
  const Bytes bytes = PACS_TRY(line.step()) ? line.blob() : chain.blob();
  if (bytes.size() != hash.bytes.size()) {
    return corrupt("audit_chain", "A hash of the audit log has a wrong size.");
  }
  std::copy(bytes.begin(), bytes.end(), hash.bytes.begin());
  return hash;
}

}  // namespace

Sha256Digest hash_of_head(const AuditChainHead& head) {
  std::string text = "pacs-lite audit chain 1\n";
  add_field(text, "chain", head.chain_id);
  add_field(text, "node", head.node);
  add_field(text, "started_at", head.started_at);
  add_field(text, "previous", head.previous.hex());
  return sha256(as_bytes(text));
}

Sha256Digest hash_of_line(const Sha256Digest& previous, int64_t chain_id, int64_t sequence,
                          const AuditLine& line) {
  std::string text = "pacs-lite audit line 1\n";
  add_field(text, "previous", previous.hex());
  add_field(text, "chain", chain_id);
  add_field(text, "sequence", sequence);
  add_field(text, "time", line.time);
  add_field(text, "actor", line.actor);
  add_field(text, "action", line.action);
  add_field(text, "study_uid", line.study_uid);
  add_field(text, "image_uid", line.image_uid);
  add_field(text, "request_id", line.request_id);
  add_field(text, "outcome", static_cast<int64_t>(line.outcome));
  add_field(text, "detail", line.detail);
  return sha256(as_bytes(text));
}

Result<void> AuditChain::start(Connection& connection) {
  const Sha256Digest previous = PACS_TRY(last_hash_of_node(connection, node_));
  // The id is part of what is hashed, so it is known before the row is.
  const auto highest =
      PACS_TRY(connection.find_int64("SELECT seq FROM sqlite_sequence WHERE name='audit_chains'"));
  const AuditChainHead head{highest.value_or(0) + 1, node_, started_at_, previous};
  const Sha256Digest hash = hash_of_head(head);
  PACS_TRY(
      connection.run("INSERT INTO audit_chains(id, node, started_at, previous_hash, head_hash)"
                     " VALUES (?, ?, ?, ?, ?)",
                     head.chain_id, node_, started_at_, Bytes(previous.bytes), Bytes(hash.bytes)));
  chain_id_ = head.chain_id;
  last_ = hash;
  return {};
}

Result<void> AuditChain::append(Connection& connection, const AuditLine& line) {
  if (chain_id_ == 0) PACS_TRY(start(connection));
  const Sha256Digest hash = hash_of_line(last_, chain_id_, sequence_ + 1, line);
  PACS_TRY(connection.run(
      "INSERT INTO audit_lines(chain_id, sequence, time, actor, action, study_uid, image_uid,"
      " request_id, outcome, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      chain_id_, sequence_ + 1, line.time, line.actor, line.action, line.study_uid, line.image_uid,
      line.request_id, static_cast<int64_t>(line.outcome), line.detail, Bytes(hash.bytes)));
  ++sequence_;
  last_ = hash;
  return {};
}

}  // namespace pacs::index
