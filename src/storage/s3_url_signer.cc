#include "storage/s3_url_signer.h"

#include <algorithm>

#include "storage/aws_signature.h"
#include "storage/s3_address.h"

namespace pacs::storage {
namespace {
constexpr UnixMillis kMillisPerSecond = 1000;
}

Result<std::string> S3UrlSigner::sign(const ObjectKey& key, UnixMillis expires_at,
                                      const SignOptions& options) const {
  const AwsCredentials credentials = PACS_TRY(credentials_.get());
  const UnixMillis now = clock_.now();
  const int64_t asked = PACS_TRY(life_seconds(expires_at, now));
  const int64_t lent = credentials.expires_at == 0
                           ? asked
                           : credentials.expires_at / kMillisPerSecond - now / kMillisPerSecond;
  if (lent < 1) return unavailable("no_credentials", "the credentials of the store have expired");

  const S3Address address = public_address_of_bucket(settings_, settings_.region);
  RequestToSign request;
  request.path = address.path_of(key.str());
  request.headers.set("Host", address.host);
  request.payload_hash = kUnsignedPayload;
  if (!options.content_type.empty()) {
    request.query.emplace_back("response-content-type", options.content_type);
  }
  if (!options.content_disposition.empty()) {
    request.query.emplace_back("response-content-disposition", options.content_disposition);
  }
  const SigningScope scope{settings_.region, "s3", now};
  return address.origin() + sign_in_query(std::move(request), credentials, scope,
                                          std::chrono::seconds(std::min(asked, lent)));
}

}  // namespace pacs::storage
