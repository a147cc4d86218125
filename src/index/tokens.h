// Bearer tokens and share links of our own. Only the SHA-256 of a secret is known here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "index/audit_line.h"
#include "index/scope.h"

namespace pacs::index {

class Database;

// A study that a share link opens, by the UID that it had when the link was made.
struct LinkedStudy {
  int64_t id = 0;
  std::string uid{};
  friend bool operator==(const LinkedStudy&, const LinkedStudy&) = default;
};

struct TokenRecord {
  int64_t id = 0;
  std::string name{};
  std::string roles{};  // as `access` writes them
  Sha256Digest secret_sha256{};
  std::optional<int64_t> study_id{};   // of a share link alone: the first of its studies
  std::vector<LinkedStudy> studies{};  // of a share link: all that it opens
  UnixMillis created_at = 0;
  std::optional<UnixMillis> expires_at{};
  std::optional<UnixMillis> revoked_at{};
  std::optional<UnixMillis> last_used_at{};
};

struct TokenRequest {
  std::string name{};
  std::string roles{};
  Sha256Digest secret_sha256{};
  std::vector<LinkedStudy> studies{};  // none: an ordinary token
  std::optional<UnixMillis> expires_at{};
};

// Any thread. Tokens are for who may see everything; for any other scope there are none.
class Tokens {
 public:
  explicit Tokens(Database& database) : database_(database) {}

  // already_exists/token when the secret is known; not_found/study when there is no such study.
  [[nodiscard]] Result<TokenRecord> create(const TokenRequest& request, const AuditLine& line);

  // Also expired and revoked ones: what that means is for `access` to say. When a study of a share
  // link is removed, so is the token.
  [[nodiscard]] Result<std::optional<TokenRecord>> find_by_secret(
      const Scope& scope, const Sha256Digest& secret_sha256) const;
  [[nodiscard]] Result<std::optional<TokenRecord>> find(const Scope& scope, int64_t id) const;
  // Newest first. All of them: there are as many as an administrator made.
  [[nodiscard]] Result<std::vector<TokenRecord>> list(const Scope& scope) const;

  // not_found/token. Again: the first time stays.
  [[nodiscard]] Result<TokenRecord> revoke(int64_t id, const AuditLine& line);
  // Book-keeping, hence no audit line; never goes back. Callers gather them to one a minute.
  [[nodiscard]] Result<void> touch(int64_t id, UnixMillis used_at);

 private:
  Database& database_;
};

}  // namespace pacs::index
