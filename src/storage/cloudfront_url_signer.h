// URLs that browsers fetch from CloudFront, signed as it wants them: with the key of a trusted key
// group, and not with the store's own credentials, which CloudFront does not look at.
//   https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
#pragma once

#include <memory>
#include <string>

#include "core/clock.h"
#include "core/rsa_private_key.h"
#include "core/s3_settings.h"
#include "storage/s3_address.h"
#include "storage/url_signer.h"

namespace pacs::storage {

// Any thread. Its clock outlives it.
class CloudFrontUrlSigner final : public UrlSigner {
 public:
  // From AWS_S3_CUSTOM_DOMAIN, which is the distribution's, and AWS_CLOUDFRONT_KEY(_ID). Errors:
  // those of the key.
  [[nodiscard]] static Result<std::unique_ptr<CloudFrontUrlSigner>> create(
      const S3Settings& settings, const Clock& clock);

  [[nodiscard]] Result<std::string> sign(const ObjectKey& key, UnixMillis expires_at,
                                         const SignOptions& options) const override;

 private:
  CloudFrontUrlSigner(S3Address address, std::string key_id, RsaPrivateKey key, const Clock& clock)
      : address_(std::move(address)),
        key_id_(std::move(key_id)),
        key_(std::move(key)),
        clock_(clock) {}

  const S3Address address_;
  const std::string key_id_;
  const RsaPrivateKey key_;
  const Clock& clock_;
};

}  // namespace pacs::storage
