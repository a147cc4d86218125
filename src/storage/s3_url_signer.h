// URLs that browsers fetch from the object store itself (SigV4 in the query).
#pragma once

#include "core/s3_settings.h"
#include "storage/aws_credential_source.h"
#include "storage/url_signer.h"

namespace pacs::storage {

// Any thread. What is passed by reference outlives it.
class S3UrlSigner final : public UrlSigner {
 public:
  S3UrlSigner(S3Settings settings, AwsCredentialSource& credentials, const Clock& clock)
      : settings_(std::move(settings)), credentials_(credentials), clock_(clock) {}

  // On AWS_S3_CUSTOM_DOMAIN, else the public endpoint, else the endpoint. Where the credentials are
  // lent for a while, the URL ends with them. Besides what the seam says: `unavailable` (reason
  // "no_credentials").
  [[nodiscard]] Result<std::string> sign(const ObjectKey& key, UnixMillis expires_at,
                                         const SignOptions& options) const override;

 private:
  const S3Settings settings_;
  AwsCredentialSource& credentials_;
  const Clock& clock_;
};

}  // namespace pacs::storage
