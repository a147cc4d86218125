// Who sent this request? Below the path of a share link its cookie alone decides. Elsewhere the
// first of these that applies:
//   1. Authorization: Bearer with a secret of ours (a token or a share link);
//   2. Authorization: Bearer with a JWT of an issuer that a key is configured for;
//   3. the secret of a share link in a viewer URL;
//   4. the user that a trusted proxy names in its headers, with the roles it names;
//   5. the other end of the Unix socket: the server's own user and root are administrators;
//   6. a token of 1 or 2 in the cookie of a browser that has signed in to the viewer.
// A Bearer of 1 or 2 that is not good is refused, whatever else the request brings. One of neither
// kind (the application's own token, which nginx passes on beside the headers of `auth_request`) is
// passed over when 3 to 6 applies, and refused when none does.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "access/credentials.h"
#include "access/failed_attempts.h"
#include "access/opened_link.h"
#include "access/principal.h"
#include "core/clock.h"
#include "core/result.h"

namespace pacs::access {

class GatheredAudit;
class JwtVerifier;
class ShareLinks;
class TokenVerifier;

// Any thread.
class Authenticator {
 public:
  static constexpr size_t kProxyUserBytesMax = 255;

  // All outlive the object.
  struct Parts {
    TokenVerifier& tokens;
    ShareLinks& share_links;
    const JwtVerifier& jwts;
    GatheredAudit& audit;  // refusals are noted there, by address and minute
    const Clock& clock;
  };
  // `own_user_id`: geteuid() of the server.
  Authenticator(const Parts& parts, uint32_t own_user_id);

  // Errors:
  //   permission_denied/unauthenticated       missing, malformed, unknown, expired, revoked,
  //   forged:
  //                                           one text for all
  //   resource_exhausted/too_many_attempts    after too many failures from this address; a token
  //                                           that was good moments ago still passes
  //   those of the index (`unavailable`), so that a busy index logs nobody out
  [[nodiscard]] Result<Principal> authenticate(const Credentials& credentials);

  // Opens a share link by its address, with the PIN that was typed, if any. Of the credentials the
  // address of the client counts. Errors: those of ShareLinks::open(), and too_many_attempts.
  [[nodiscard]] Result<OpenedLink> open_link(const Credentials& credentials,
                                             std::string_view id_and_signature,
                                             const std::optional<std::string>& pin,
                                             std::string_view request_id);

 private:
  Result<std::optional<Principal>> by_authorization(const Credentials& credentials);
  Result<std::optional<Principal>> by_bearer(const Credentials& credentials,
                                             std::string_view bearer);
  Result<std::optional<Principal>> by_secret(const Credentials& credentials,
                                             std::string_view secret);
  Result<Principal> by_share_token(const Credentials& credentials);
  Result<Principal> by_link_cookie(const Credentials& credentials);
  Error refuse(const Credentials& credentials);

  Parts parts_;
  uint32_t own_user_id_;
  FailedAttempts failed_;
};

}  // namespace pacs::access
