// The filesystem's signed URLs, made and checked by this server (docs/design/signed-url.md):
//   {MEDIA_URL}{key}?expires={unix seconds}&kid={key id}&signature={base64url HMAC-SHA-256}
#pragma once

#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/object_key.h"
#include "core/result.h"
#include "storage/signing_keys.h"
#include "storage/url_signer.h"

namespace pacs::storage {

// Any thread.
class MediaUrl final : public UrlSigner {
 public:
  // `media_url` is MEDIA_URL as it stands in the settings: "/media/" or an absolute http(s) URL,
  // with a "/" at its end. `invalid_argument` (reason "bad_media_url") otherwise. `keys` and
  // `clock` must outlive the object.
  [[nodiscard]] static Result<MediaUrl> create(std::string media_url, const SigningKeys& keys,
                                               const Clock& clock);

  [[nodiscard]] Result<std::string> sign(const ObjectKey& key, UnixMillis expires_at,
                                         const SignOptions& options = {}) const override;

  // Checks a request by its method and its target as they came over the wire, before anything is
  // decoded; `raw_query` is what stands behind "?". HEAD is allowed where GET is.
  // `permission_denied` with one reason ("link_refused") and one text, whether it has expired, was
  // forged, is malformed, or has an unknown or a repeated parameter.
  [[nodiscard]] Result<void> verify(std::string_view method, std::string_view raw_path,
                                    std::string_view raw_query) const;

  // The key that a path under MEDIA_URL names, percent-decoded once. `not_found` (reason
  // "no_such_blob") when it names none.
  [[nodiscard]] Result<ObjectKey> key_of(std::string_view raw_path) const;

  // The path part of MEDIA_URL, which ends in "/": what a router matches.
  [[nodiscard]] const std::string& path_prefix() const { return path_prefix_; }

 private:
  MediaUrl(std::string origin, std::string path_prefix, const SigningKeys& keys, const Clock& clock)
      : origin_(std::move(origin)),
        path_prefix_(std::move(path_prefix)),
        keys_(&keys),
        clock_(&clock) {}

  std::string origin_;  // "https://host", or empty
  std::string path_prefix_;
  const SigningKeys* keys_;
  const Clock* clock_;
};

// Everything but RFC 3986 unreserved characters and "/" as %XX, capital digits.
[[nodiscard]] std::string percent_encode_path(std::string_view path);

}  // namespace pacs::storage
