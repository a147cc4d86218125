// The audit log. Lines are chained by hash, one chain for each node and start, so that a line that
// was changed, taken out or put in is found (docs/design/index-schema.md shows the canonical text).
// What nobody can see is the end cut off a chain that no later chain continues.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "index/audit_line.h"
#include "index/scope.h"

namespace pacs::index {

class Database;

struct StoredAuditLine {
  int64_t id = 0;
  int64_t chain_id = 0;
  int64_t sequence = 0;  // within the chain, from 1
  AuditLine line;
  std::string hash;  // 64 hexadecimal digits
};

struct AuditQuery {
  std::optional<std::string> actor{};
  std::optional<std::string> action{};
  std::optional<std::string> study_uid{};
  std::optional<UnixMillis> from{};    // inclusive
  std::optional<UnixMillis> before{};  // exclusive
  // Newest first; the id of the last line of the page before.
  std::optional<int64_t> before_id{};
  size_t limit = 100;
};

struct BrokenAuditLine {
  int64_t chain_id = 0;
  int64_t sequence = 0;  // of the first line that does not fit; 0: the head of the chain
  std::string reason;    // a sentence
};

class AuditLog {
 public:
  static constexpr size_t kPageMax = 1000;

  explicit AuditLog(Database& database) : database_(database) {}

  // For what changes nothing in the index: a refusal, a token that was turned away.
  [[nodiscard]] Result<void> append(const AuditLine& line);
  // Several at once; `access` gathers reads to one line for each principal, study and minute.
  [[nodiscard]] Result<void> append_reads(const std::vector<AuditLine>& lines);

  // The log is for who may see everything; for any other scope it is empty.
  [[nodiscard]] Result<std::vector<StoredAuditLine>> list(const Scope& scope,
                                                          const AuditQuery& query) const;

  // True when the process that ran at `time` wrote a line at that time or later: then this index
  // was there, and what it does not know of that moment did not happen. False when nobody can
  // tell: the process was cut, or the index is a copy from before.
  [[nodiscard]] Result<bool> covers(UnixMillis time) const;

  // Walks every chain from its head: the first line that does not fit, or nothing when all do.
  // Reads the whole log.
  [[nodiscard]] Result<std::optional<BrokenAuditLine>> verify_chain() const;

 private:
  Database& database_;
};

}  // namespace pacs::index
