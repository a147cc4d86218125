// A share link: opens some studies, read only, until it expires or is revoked. It comes in two
// forms that end together: an address that a browser opens ("/s/ID.SIGNATURE", which turns into a
// cookie for that link's own pages), and a secret that a program sends as a token.
// docs/design/share-link.md has the formats.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/link_keys.h"
#include "access/opened_link.h"
#include "access/principal.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "index/database.h"
#include "index/share_links.h"
#include "index/studies.h"
#include "index/tokens.h"

namespace pacs::access {

class TokenVerifier;

struct ShareOrder {
  std::vector<int64_t> study_ids;
  std::chrono::seconds expires_in{0};
  std::string label{};  // for people: for whom, what for
  std::string pin{};    // empty: none
};

// As who made it may see it, and administrators.
struct ShareLink {
  int64_t id = 0;
  std::string public_id;
  std::string path;    // "/s/ID.SIGNATURE"; empty when the key that signed it is gone
  std::string secret;  // the `token` of a viewer URL; empty where a PIN is wanted, or as above
  std::vector<BoundStudy> studies;
  std::string label;
  std::string created_by;
  bool has_pin = false;
  int64_t use_count = 0;
  UnixMillis created_at = 0;
  UnixMillis expires_at = 0;
  std::optional<UnixMillis> revoked_at;
  std::optional<UnixMillis> last_used_at;
};

// What a link's token is called: by whose word it opens its studies.
[[nodiscard]] std::string link_name(const std::string& principal_id);

// Any thread. The references outlive the object; `random` must be good for any thread.
class ShareLinks {
 public:
  static constexpr std::chrono::seconds kExpiresInMax{604'800};  // a week, as of signed URLs
  static constexpr size_t kStudiesMax = 100;  // one page shows them, each search names them
  static constexpr size_t kLabelBytesMax = 200;
  static constexpr int kFreePinFailures = 3;  // mistyped; from then on each doubles the wait
  static constexpr std::chrono::seconds kPinWaitMin{5};
  static constexpr std::chrono::seconds kPinWaitMax{3600};

  ShareLinks(index::Database& database, TokenVerifier& verifier, const Clock& clock, Random& random,
             LinkKeys keys);

  // Success: the link opens the studies, durably, from now on. Errors: forbidden (the principal has
  // no right to hand out links); not_found/study when there is no such study that it may see;
  // invalid_argument: bad_expiry outside 1 to kExpiresInMax, bad_studies for none or more than
  // kStudiesMax, bad_label, bad_pin.
  [[nodiscard]] Result<ShareLink> create(const Principal& principal, const ShareOrder& order,
                                         std::string_view request_id);
  [[nodiscard]] Result<ShareLink> create(const Principal& principal, int64_t study_id,
                                         std::chrono::seconds expires_in,
                                         std::string_view request_id) {
    return create(principal, {{study_id}, expires_in, {}, {}}, request_id);
  }

  // The principal of the link by its secret, bound to its studies. unauthenticated when it is
  // unknown, expired, revoked, one of its studies was removed, or when it is an ordinary token:
  // those do not belong in URLs.
  [[nodiscard]] Result<Principal> authenticate(std::string_view secret) const;

  // What follows "/s/", and the PIN that was typed, if any. Success is counted and in the audit
  // log. Errors: unauthenticated as above, and for a forged signature; permission_denied:
  // pin_needed when the link has one and none was typed, wrong_pin; resource_exhausted/pin_blocked
  // after too many wrong ones, for a while.
  [[nodiscard]] Result<OpenedLink> open(std::string_view id_and_signature,
                                        const std::optional<std::string>& pin,
                                        std::string_view request_id);

  // The principal of a request below a link's own path. Whether it has expired or was revoked is
  // looked up each time. unauthenticated.
  [[nodiscard]] Result<Principal> authenticate_cookie(std::string_view public_id,
                                                      std::string_view cookie) const;

  // Newest first, also those that are over: of an administrator all, of others those that they
  // made. Errors: forbidden.
  [[nodiscard]] Result<std::vector<ShareLink>> list(const Principal& principal) const;

  // Who made it, and administrators. From the return on it opens nothing. Again: success. Errors:
  // forbidden; not_found/token when there is no link of this id that it may know of.
  [[nodiscard]] Result<ShareLink> revoke(const Principal& principal, int64_t link_id,
                                         std::string_view request_id);

 private:
  Result<std::vector<BoundStudy>> find_studies(const Principal& principal,
                                               const std::vector<int64_t>& study_ids) const;
  Result<index::ShareLinkRecord> find_alive(std::string_view public_id) const;
  Result<void> check_typed_pin(const index::ShareLinkRecord& link,
                               const std::optional<std::string>& pin, std::string_view request_id);
  ShareLink shown(const index::ShareLinkRecord& record) const;

  index::Studies studies_;
  index::Tokens tokens_;
  index::ShareLinks links_;
  TokenVerifier& verifier_;
  const Clock& clock_;
  Random& random_;
  LinkKeys keys_;
  std::mutex pin_turn_;  // one PIN is tried at a time, so that none is tried beside the count
};

}  // namespace pacs::access
