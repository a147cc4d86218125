// Bearer tokens of our own: made, listed, revoked by administrators; the first is made by the first
// start.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/principal.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "index/database.h"
#include "index/tokens.h"

namespace pacs::access {

class TokenVerifier;

// A token as people may see it: everything but the secret, which nobody has.
struct TokenSummary {
  int64_t id = 0;
  std::string name;
  Roles roles;
  std::optional<int64_t> study_id;  // of a share link
  UnixMillis created_at = 0;
  std::optional<UnixMillis> expires_at;
  std::optional<UnixMillis> revoked_at;
  std::optional<UnixMillis> last_used_at;
};

struct NewToken {
  std::string secret;  // shown to its owner now and never again
  TokenSummary token;
};

struct TokenOrder {
  std::string name;  // for people: whose it is, what for
  Roles roles;
  std::optional<std::chrono::seconds> expires_in;  // nothing: it lives until it is revoked
};

// Any thread.
class TokenIssuer {
 public:
  static constexpr size_t kNameBytesMax = 100;  // fits a line of `token list`
  // Ten years: what is to live longer had better not expire at all, and say so.
  static constexpr std::chrono::seconds kExpiresInMax{std::chrono::hours(24 * 3650)};
  static constexpr std::string_view kAdminTokenFile = "admin-token";  // in the data folder

  // All outlive the object. `random` must be good for any thread, as SystemRandom is.
  TokenIssuer(index::Database& database, TokenVerifier& verifier, const Clock& clock,
              Random& random);

  // Success: the token is valid, durably. Errors: forbidden; invalid_argument (reasons "bad_name",
  // "no_roles", "bad_expiry").
  [[nodiscard]] Result<NewToken> create(const Principal& principal, const TokenOrder& order,
                                        std::string_view request_id);

  // Newest first, also expired and revoked ones and share links. forbidden.
  [[nodiscard]] Result<std::vector<TokenSummary>> list(const Principal& principal) const;

  // From the return on the token opens nothing in this process, and within
  // TokenVerifier::kRememberedFor nothing in another; nor do the share links that its holder made.
  // Again: success, the first time stays.
  // Errors: forbidden; not_found/token.
  [[nodiscard]] Result<TokenSummary> revoke(const Principal& principal, int64_t token_id,
                                            std::string_view request_id);

  // At start: when there is no token at all yet (share links do not count), makes an
  // administrator's, writes it to kAdminTokenFile in `data_folder` (mode 0600, durably, before the
  // index knows it) and returns the secret for the caller to print once; else nothing. After a
  // crash in between, the next start makes another and replaces the file.
  [[nodiscard]] Result<std::optional<std::string>> make_first(const std::string& data_folder);

 private:
  Result<void> revoke_links_of(const Principal& principal, int64_t token_id,
                               std::string_view request_id);

  index::Tokens tokens_;
  TokenVerifier& verifier_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace pacs::access
