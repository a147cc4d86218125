// The seam that turns a key into a URL which whoever holds it may fetch until it expires. One per
// backend: ours for the filesystem (docs/design/signed-url.md), SigV4 for S3.
#pragma once

#include <string>

#include "core/clock.h"
#include "core/object_key.h"
#include "core/result.h"

namespace pacs::storage {

// What the answer should say, for object stores that answer by themselves. Our own server answers
// out of the index and has no use for it.
struct SignOptions {
  std::string content_type;
  std::string content_disposition;
};

class UrlSigner {
 public:
  static constexpr int64_t kLifeSecondsMax = 604'800;  // seven days, the limit of SigV4

  virtual ~UrlSigner() = default;

  // Any thread. Does not look whether there is such a blob. The URL is absolute, or begins with "/"
  // when this server answers it. Its life ends at the second of `expires_at`, rounded down.
  // `invalid_argument` (reason "bad_expiry") when that is past or more than kLifeSecondsMax ahead.
  [[nodiscard]] virtual Result<std::string> sign(const ObjectKey& key, UnixMillis expires_at,
                                                 const SignOptions& options = {}) const = 0;

 protected:
  // What is left of it at `now`, or the error of sign().
  [[nodiscard]] static Result<int64_t> life_seconds(UnixMillis expires_at, UnixMillis now) {
    const int64_t seconds = expires_at / 1000 - now / 1000;
    if (seconds < 1 || expires_at > now + kLifeSecondsMax * 1000) {
      return invalid_argument("bad_expiry", "a link lives for 1 second to 7 days");
    }
    return seconds;
  }
};

}  // namespace pacs::storage
