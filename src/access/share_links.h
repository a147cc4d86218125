// A share link: a secret that opens one study, read only, until it expires or is revoked.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "access/principal.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "index/database.h"
#include "index/studies.h"
#include "index/tokens.h"

namespace pacs::access {

class TokenVerifier;

struct ShareLink {
  int64_t id = 0;
  std::string secret;  // the `token` of a viewer URL; 256 random bits, stored hashed
  BoundStudy study;
  UnixMillis expires_at = 0;
};

// What a link's token is called: by whose word it opens a study.
[[nodiscard]] std::string link_name(const std::string& principal_id);

// Any thread. The references outlive the object; `random` must be good for any thread.
class ShareLinks {
 public:
  static constexpr std::chrono::seconds kExpiresInMax{604'800};  // a week, as of signed URLs

  ShareLinks(index::Database& database, TokenVerifier& verifier, const Clock& clock,
             Random& random);

  // Success: the link opens the study, durably, from now on. Errors: forbidden (the principal has
  // no right to hand out links); not_found/study when there is no such study that it may see;
  // invalid_argument/bad_expiry outside 1 to kExpiresInMax.
  [[nodiscard]] Result<ShareLink> create(const Principal& principal, int64_t study_id,
                                         std::chrono::seconds expires_in,
                                         std::string_view request_id);

  // The principal of the link, bound to its study. unauthenticated when it is unknown, expired,
  // revoked, its study was removed, or when it is an ordinary token: those do not belong in URLs.
  [[nodiscard]] Result<Principal> authenticate(std::string_view secret) const;

  // Administrators. Errors: forbidden; not_found/token when there is no link of this id.
  [[nodiscard]] Result<void> revoke(const Principal& principal, int64_t link_id,
                                    std::string_view request_id);

 private:
  index::Studies studies_;
  index::Tokens tokens_;
  TokenVerifier& verifier_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace pacs::access
