// An image that a client announced before it sent the bytes: the server's half of the offline
// upload.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/uuid.h"
#include "index/order.h"

namespace pacs::index {

// PENDING is the client's own. Stored: keep the numbers.
enum class UploadStatus : uint8_t {
  metadata_uploaded = 1,
  binary_uploaded = 2,
  ack_received = 3,
  failed = 4,
};

// "METADATA_UPLOADED", "BINARY_UPLOADED", "ACK_RECEIVED", "FAILED".
[[nodiscard]] std::string_view to_string(UploadStatus status);
[[nodiscard]] std::optional<UploadStatus> parse_upload_status(std::string_view text);

// A UUID belongs to the user or device that announced it: two owners may use the same one, and
// neither hears of the other.
struct UploadKey {
  std::string owner{};  // the principal's id
  Uuid image_uuid;
};

struct UploadRecord {
  int64_t id = 0;
  UploadKey key;
  std::string owner_name{};
  std::optional<OrderReference> order{};
  std::string filename{};
  int64_t file_size = 0;
  std::string mime_type{};       // as declared
  Sha256Digest checksum{};       // as declared
  std::string image_metadata{};  // the JSON text that was declared

  UploadStatus status = UploadStatus::metadata_uploaded;
  int64_t retry_count = 0;
  std::string failure_reason{};  // a sentence; empty unless failed
  std::string error_code{};      // a stable word; likewise

  UnixMillis created_at = 0;
  UnixMillis metadata_uploaded_at = 0;
  std::optional<UnixMillis> binary_uploaded_at{};
  std::optional<UnixMillis> ack_received_at{};

  std::optional<int64_t> image_id{};  // once the bytes are stored, until the image is removed
  std::optional<int64_t> study_id{};  // until the study is removed
  std::optional<int64_t> session_id{};
  std::optional<int64_t> sequence_number{};
  std::string receipt{};  // JSON text, word for word; empty before the acknowledgement
};

}  // namespace pacs::index
