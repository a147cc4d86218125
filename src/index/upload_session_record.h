// The images of one exam from one device. Counts and status follow from its uploads, so they can
// never disagree with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/uuid.h"
#include "index/order.h"

namespace pacs::index {

enum class SessionStatus {
  queued,     // nothing announced yet
  uploading,  // some images are neither stored nor failed
  synced,     // all are stored
  partial,    // some are stored, the others failed
  failed,     // all failed
};

// "QUEUED", "UPLOADING", "SYNCED", "PARTIAL", "FAILED".
[[nodiscard]] std::string_view to_string(SessionStatus status);

struct UploadSessionRecord {
  int64_t id = 0;
  Uuid session_uuid;
  std::string owner{};  // the principal's id
  std::string created_by_name{};
  std::optional<OrderReference> order{};
  std::string device_id{};
  std::string device_info{};  // JSON text; empty: none
  int64_t total_images = 0;   // as declared, or as many as were announced when those are more
  UnixMillis created_at = 0;

  SessionStatus status = SessionStatus::queued;
  int64_t images_announced = 0;
  int64_t images_uploaded = 0;
  int64_t images_failed = 0;
  std::string error_message{};               // of the last upload that failed
  std::optional<UnixMillis> started_at{};    // the first announcement
  std::optional<UnixMillis> completed_at{};  // the last bytes, once it is synced
};

}  // namespace pacs::index
