// The hash chain of the audit lines of one node and start. The state belongs to the writer's
// thread; it is a value, so that what a rolled-back work has added goes with it.
#pragma once

#include <cstdint>
#include <string>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "index/audit_line.h"

namespace pacs::index {

class Connection;

struct AuditChainHead {
  int64_t chain_id = 0;
  std::string node;
  UnixMillis started_at = 0;
  Sha256Digest previous;  // the last hash of the node's chain before; zeros for the first
};

// SHA-256 over the canonical text (docs/design/index-schema.md).
[[nodiscard]] Sha256Digest hash_of_head(const AuditChainHead& head);
[[nodiscard]] Sha256Digest hash_of_line(const Sha256Digest& previous, int64_t chain_id,
                                        int64_t sequence, const AuditLine& line);

class AuditChain {
 public:
  AuditChain(std::string node, UnixMillis started_at)
      : node_(std::move(node)), started_at_(started_at) {}

  // Inserts the line, and before the first one the chain's head.
  [[nodiscard]] Result<void> append(Connection& connection, const AuditLine& line);

 private:
  [[nodiscard]] Result<void> start(Connection& connection);

  std::string node_;
  UnixMillis started_at_;
  int64_t chain_id_ = 0;  // 0: no line yet
  int64_t sequence_ = 0;
  Sha256Digest last_;
};

}  // namespace pacs::index
