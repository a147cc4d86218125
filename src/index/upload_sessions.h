// Upload sessions. Their items are Uploads::list with `session_id`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "index/audit_line.h"
#include "index/scope.h"
#include "index/upload_session_record.h"

namespace pacs::index {

class Database;

struct SessionRequest {
  std::string owner{};
  Uuid session_uuid;  // belongs to the owner, as an image_uuid does
  std::string created_by_name{};
  std::optional<OrderReference> order{};
  std::string device_id{};
  std::string device_info{};
  int64_t total_images = 0;
};

struct SessionOutcome {
  enum class Kind { created, existed };
  Kind kind = Kind::created;
  UploadSessionRecord session;
};

struct SessionQuery {
  static constexpr size_t kPageMax = 500;

  std::optional<OrderReference> order{};
  std::optional<Uuid> session_uuid{};  // of whichever owner the scope covers
  std::optional<int64_t> before_id{};  // newest first; the last of the page before
  size_t limit = kPageMax;
};

// Any thread.
class UploadSessions {
 public:
  explicit UploadSessions(Database& database) : database_(database) {}

  // The owner's session of this UUID, made when there was none. A known one is left as it is, but
  // for a total that has grown. conflict/order_mismatch when it was made for another order.
  [[nodiscard]] Result<SessionOutcome> find_or_create(const SessionRequest& request,
                                                      const AuditLine& line);

  [[nodiscard]] Result<std::optional<UploadSessionRecord>> find(const Scope& scope,
                                                                int64_t id) const;
  [[nodiscard]] Result<std::vector<UploadSessionRecord>> list(const Scope& scope,
                                                              const SessionQuery& query) const;

 private:
  Database& database_;
};

}  // namespace pacs::index
