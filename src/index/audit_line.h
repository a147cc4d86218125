// One line of the audit log: who did what to which study, and how it ended. A change and its line
// are one transaction; the line's time is the time of the change.
#pragma once

#include <cstdint>
#include <string>

#include "core/clock.h"

namespace pacs::index {

enum class AuditOutcome : uint8_t { success = 1, refused = 2, failed = 3 };  // stored: keep

struct AuditLine {
  UnixMillis time = 0;
  std::string actor;      // the principal's id, or "system"
  std::string action;     // a stable word: "image.store", "study.read"
  std::string study_uid;  // empty when there is none; a mutation that knows it fills it in
  std::string image_uid;  // likewise
  std::string request_id;
  AuditOutcome outcome = AuditOutcome::success;
  std::string detail;
};

}  // namespace pacs::index
