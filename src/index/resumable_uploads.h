// Uploads that can be resumed (tus 1.0): how many of their bytes are on stable storage, and what
// became of them. The bytes themselves are a kept staged blob of the store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/uuid.h"
#include "index/audit_line.h"
#include "index/scope.h"

namespace pacs::index {

class Database;

// Stored: keep the numbers.
enum class ResumableState : uint8_t {
  open = 1,    // waits for bytes
  stored = 2,  // whole, and an image of the archive
  failed = 3,  // whole, and refused; sending the same again would be refused again
};

struct ResumableUpload {
  std::string id{};        // 32 hexadecimal digits, not to be guessed
  std::string owner{};     // the principal's id
  std::string metadata{};  // Upload-Metadata, word for word
  // The offline record whose bytes these are, of the same owner.
  std::optional<Uuid> announced_uuid{};
  int64_t size_bytes = 0;
  // On stable storage, from the first byte on. Below size_bytes while it is open: what is told to
  // be whole is stored.
  int64_t durable_bytes = 0;
  std::string staged_id{};  // empty: nothing is kept in staging

  ResumableState state = ResumableState::open;
  std::optional<int64_t> image_id{};  // stored, until the image is removed
  int64_t failure_kind = 0;           // failed: the number of an ErrorCode
  std::string error_code{};           // failed: a stable word
  std::string failure_reason{};       // failed: a sentence

  UnixMillis created_at = 0;
  UnixMillis expires_at = 0;
};

// Any thread. Mutations of an id that is not there any more are not_found/resumable_upload.
class ResumableUploads {
 public:
  explicit ResumableUploads(Database& database) : database_(database) {}

  // Success: the row is there, open. resource_exhausted/too_many_uploads when the owner has
  // `open_max` open ones already.
  [[nodiscard]] Result<void> create(const ResumableUpload& upload, int64_t open_max,
                                    const AuditLine& line);

  struct Progress {
    std::string staged_id{};
    int64_t durable_bytes = 0;
    UnixMillis expires_at = 0;
  };
  // Of an open one. Book-keeping, hence no audit line.
  [[nodiscard]] Result<void> record(const std::string& id, const Progress& progress);

  // The line of the image itself says who stored it.
  [[nodiscard]] Result<void> finish(const std::string& id, int64_t image_id, UnixMillis expires_at);

  struct Failure {
    int64_t kind = 0;
    std::string error_code{};
    std::string reason{};
    UnixMillis expires_at = 0;
  };
  [[nodiscard]] Result<void> fail(const std::string& id, const Failure& failure,
                                  const AuditLine& line);

  // Success also when there is none. Only what was open is worth an audit line.
  [[nodiscard]] Result<void> remove(const std::string& id, const AuditLine& line);

  // Nothing for an id of another owner. For a scope that does not cover everything: nothing.
  [[nodiscard]] Result<std::optional<ResumableUpload>> find(const Scope& scope,
                                                            std::string_view owner,
                                                            std::string_view id) const;
  // Those with something in staging, whoever's they are.
  [[nodiscard]] Result<std::vector<ResumableUpload>> list_staged(const Scope& scope) const;
  // Those whose time was over at `now`, the oldest first.
  [[nodiscard]] Result<std::vector<ResumableUpload>> list_expired(const Scope& scope,
                                                                  UnixMillis now,
                                                                  int64_t limit) const;

 private:
  Database& database_;
};

}  // namespace pacs::index
