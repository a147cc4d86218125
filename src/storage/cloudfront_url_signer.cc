#include "storage/cloudfront_url_signer.h"

#include <utility>

#include "core/bytes.h"
#include "http/uri.h"

namespace pacs::storage {
namespace {

constexpr UnixMillis kMillis = 1000;

// The canned policy: every byte of it counts, since CloudFront makes it again from the URL.
std::string policy_of(const std::string& url, const std::string& expires) {
  return R"({"Statement":[{"Resource":")" + url +
         R"(","Condition":{"DateLessThan":{"AWS:EpochTime":)" + expires + "}}}]}";
}

// Base64 with other letters in the place of those that mean something in a query.
std::string base64_for_query(Bytes bytes) {
  std::string text = to_base64(bytes);
  for (char& letter : text) {
    if (letter == '+') letter = '-';
    if (letter == '=') letter = '_';
    if (letter == '/') letter = '~';
  }
  return text;
}

}  // namespace

Result<std::unique_ptr<CloudFrontUrlSigner>> CloudFrontUrlSigner::create(const S3Settings& settings,
                                                                         const Clock& clock) {
  RsaPrivateKey key = PACS_TRY(RsaPrivateKey::from_pem(settings.cloudfront_key));
  return std::unique_ptr<CloudFrontUrlSigner>(
      new CloudFrontUrlSigner(public_address_of_bucket(settings, settings.region),
                              settings.cloudfront_key_id, std::move(key), clock));
}

Result<std::string> CloudFrontUrlSigner::sign(const ObjectKey& key, UnixMillis expires_at,
                                              const SignOptions& options) const {
  PACS_TRY(life_seconds(expires_at, clock_.now()));
  http::QueryParameters query;
  if (!options.content_disposition.empty()) {
    query.emplace_back("response-content-disposition", options.content_disposition);
  }
  if (!options.content_type.empty()) {
    query.emplace_back("response-content-type", options.content_type);
  }
  std::string url = address_.origin() + http::percent_encode_path(address_.path_of(key.str()));
  if (!query.empty()) url += "?" + http::encode_query(query);
  const std::string expires = std::to_string(expires_at / kMillis);
  const ByteVector signature = PACS_TRY(key_.sign_sha1(as_bytes(policy_of(url, expires))));
  return url + (query.empty() ? "?" : "&") + "Expires=" + expires +
         "&Signature=" + base64_for_query(signature) +
         "&Key-Pair-Id=" + http::percent_encode(key_id_);
}

}  // namespace pacs::storage
