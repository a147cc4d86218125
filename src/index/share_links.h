// Links by which a browser opens some studies: what stands beside their tokens. Only `access` knows
// their signatures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "index/audit_line.h"
#include "index/scope.h"
#include "index/tokens.h"

namespace pacs::index {

class Database;

struct ShareLinkRecord {
  TokenRecord token{};       // its studies, its end, whether it was revoked, when it was used last
  std::string public_id{};   // stands in its address
  std::string label{};       // for people
  std::string created_by{};  // the principal
  std::string key_id{};      // of the key that signed it
  std::string pin_hash{};    // as `access` writes it; empty: it has no PIN
  int64_t use_count = 0;
  int64_t pin_failures = 0;  // since the last right one
  std::optional<UnixMillis> pin_blocked_until{};
};

struct ShareLinkRequest {
  TokenRequest token{};  // with at least one study
  std::string public_id{};
  std::string label{};
  std::string created_by{};
  std::string key_id{};
  std::string pin_hash{};
};

// Any thread. Links are for who may see everything; for any other scope there are none.
class ShareLinks {
 public:
  static constexpr int64_t kListMax = 1000;  // the newest; older ones are over

  explicit ShareLinks(Database& database) : database_(database) {}

  // Errors: those of Tokens::create(); already_exists/link when the public id is taken.
  [[nodiscard]] Result<ShareLinkRecord> create(const ShareLinkRequest& request,
                                               const AuditLine& line);

  // Also expired and revoked ones: what that means is for `access` to say.
  [[nodiscard]] Result<std::optional<ShareLinkRecord>> find(const Scope& scope,
                                                            std::string_view public_id) const;
  [[nodiscard]] Result<std::optional<ShareLinkRecord>> find_by_token(const Scope& scope,
                                                                     int64_t token_id) const;
  // Newest first; of one principal where it is named.
  [[nodiscard]] Result<std::vector<ShareLinkRecord>> list(
      const Scope& scope, const std::optional<std::string>& created_by) const;

  // It was opened: counts, and ends the count of wrong PINs.
  [[nodiscard]] Result<void> note_use(int64_t token_id, const AuditLine& line);
  // Another wrong PIN, and until when no more are taken.
  [[nodiscard]] Result<void> note_pin_failure(int64_t token_id,
                                              std::optional<UnixMillis> blocked_until,
                                              const AuditLine& line);

 private:
  Database& database_;
};

}  // namespace pacs::index
