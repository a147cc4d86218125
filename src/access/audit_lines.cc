#include "access/audit_lines.h"

namespace pacs::access {

index::AuditLine audit_line(const Principal& principal, std::string_view action,
                            std::string_view request_id, const Clock& clock) {
  index::AuditLine line;
  line.time = clock.now();
  line.actor = principal.id;
  line.action = action;
  line.request_id = request_id;
  return line;
}

index::AuditLine system_audit_line(std::string_view action, const Clock& clock) {
  index::AuditLine line;
  line.time = clock.now();
  line.actor = kSystemActor;
  line.action = action;
  return line;
}

}  // namespace pacs::access
