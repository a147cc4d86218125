#include "cli/object_store.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "cli/data_folder.h"
#include "storage/aws_credential_places.h"
#include "storage/cloudfront_url_signer.h"
#include "storage/refreshed_aws_credentials.h"
#include "storage/s3_blob_store.h"
#include "storage/s3_fault.h"
#include "storage/s3_objects.h"
#include "storage/s3_url_signer.h"

namespace pacs::cli {
namespace {

constexpr std::chrono::milliseconds kLinkTimeout{10'000};

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Result<http::ClientResponse> send_as_browser(const Settings& settings,
                                             const http::ClientRequest& request) {
  http::ClientOptions options;
  options.ca_file = settings.s3.ca_bundle_path;
  if (!settings.s3.verify_certificate) options.verify_tls = http::ClientOptions::VerifyTls::no;
  options.total_timeout = kLinkTimeout;
  return http::Client(options).send(request);
}

}  // namespace

std::unique_ptr<storage::AwsCredentialSource> make_credentials(const Settings& settings,
                                                               const Clock& clock) {
  const S3Settings& s3 = settings.s3;
  if (!s3.access_key_id.empty() || settings.storage == StorageBackend::minio) {
    return std::make_unique<storage::FixedAwsCredentials>(
        storage::AwsCredentials{s3.access_key_id, s3.secret_access_key, s3.session_token, 0});
  }
  return std::make_unique<storage::RefreshedAwsCredentials>(
      [region = s3.region] { return storage::find_credentials(environment_variable, region); },
      clock);
}

Result<std::unique_ptr<storage::BlobStore>> open_object_store(
    const Settings& settings, std::string_view name, storage::AwsCredentialSource& credentials,
    const Clock& clock, Random& random) {
  storage::S3StoreOptions options;
  options.name = name;
  options.settings = settings.s3;
  options.staging_folder = DataPaths(settings.data_folder).staging;
  return storage::open_s3_blob_store(std::move(options), credentials, clock, random);
}

Result<std::unique_ptr<storage::UrlSigner>> make_object_url_signer(
    const Settings& settings, storage::AwsCredentialSource& credentials, const Clock& clock,
    Random& random) {
  if (!settings.s3.cloudfront_key_id.empty()) {
    return std::unique_ptr<storage::UrlSigner>(
        PACS_TRY(storage::CloudFrontUrlSigner::create(settings.s3, clock)));
  }
  // A link cannot mend its region as a request can.
  storage::S3Client client(settings.s3, {}, credentials, clock, random);
  PACS_TRY(storage::S3Objects(client).find_bucket());
  S3Settings found = settings.s3;
  found.region = client.region();
  return std::unique_ptr<storage::UrlSigner>(
      std::make_unique<storage::S3UrlSigner>(std::move(found), credentials, clock));
}

Result<http::ClientResponse> follow_link(const Settings& settings, const std::string& url,
                                         http::Headers headers) {
  http::ClientRequest request;
  request.url = url;
  request.headers = std::move(headers);
  http::ClientResponse answer = PACS_TRY(send_as_browser(settings, request));
  if (!http::is_success(answer.status)) return storage::parse_s3_fault(answer).to_error();
  return answer;
}

Result<bool> ask_for_leave(const Settings& settings, const std::string& url,
                           const std::string& origin) {
  http::ClientRequest request;
  request.method = "OPTIONS";
  request.url = url;
  request.headers.set("Origin", origin);
  request.headers.set("Access-Control-Request-Method", "GET");
  request.headers.set("Access-Control-Request-Headers", "range");
  const http::ClientResponse answer = PACS_TRY(send_as_browser(settings, request));
  const auto allowed = answer.headers.find("Access-Control-Allow-Origin");
  const bool names_it = allowed && (*allowed == "*" || *allowed == origin);
  if (http::is_success(answer.status)) return names_it;
  const storage::S3Fault fault = storage::parse_s3_fault(answer);
  if (fault.status == 400 || fault.status == 403 || fault.status == 404) return false;
  return fault.to_error();
}

bool is_refusal(const Error& error) {
  // OpenStack Swift answers a request without a signature 400.
  return error.code == ErrorCode::permission_denied || error.reason == "store_refused";
}

}  // namespace pacs::cli
