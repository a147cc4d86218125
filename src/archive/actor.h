// On whose behalf a use case runs: what the audit line and the upload records say.
#pragma once

#include <string>
#include <utility>

#include "core/clock.h"
#include "index/audit_line.h"

namespace pacs::archive {

struct Actor {
  std::string id;    // the principal's id, or "system"
  std::string name;  // for people
  std::string request_id;
};

[[nodiscard]] inline index::AuditLine audit_line(const Actor& actor, const Clock& clock,
                                                 std::string action) {
  index::AuditLine line;
  line.time = clock.now();
  line.actor = actor.id;
  line.action = std::move(action);
  line.request_id = actor.request_id;
  return line;
}

}  // namespace pacs::archive
