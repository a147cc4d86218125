#include "cli/object_store.h"

#include <cstdlib>
#include <utility>

#include "cli/data_folder.h"
#include "storage/aws_credential_places.h"
#include "storage/refreshed_aws_credentials.h"
#include "storage/s3_blob_store.h"
#include "storage/s3_url_signer.h"

namespace pacs::cli {
namespace {

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
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

std::unique_ptr<storage::UrlSigner> make_object_url_signer(
    const Settings& settings, storage::AwsCredentialSource& credentials, const Clock& clock) {
  return std::make_unique<storage::S3UrlSigner>(settings.s3, credentials, clock);
}

}  // namespace pacs::cli
