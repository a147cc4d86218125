// The object store of the settings: its credentials, its blobs, and the signer of its URLs.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "core/settings.h"
#include "storage/aws_credential_source.h"
#include "storage/blob_store.h"
#include "storage/url_signer.h"

namespace pacs::cli {

[[nodiscard]] inline bool uses_object_store(const Settings& settings) {
  return settings.storage != StorageBackend::filesystem;
}

// Those of the settings, else what AWS's own tools would find on this machine; for minio those of
// the settings alone. `clock` outlives them.
[[nodiscard]] std::unique_ptr<storage::AwsCredentialSource> make_credentials(
    const Settings& settings, const Clock& clock);

// `name` is what rows call it. What is passed by reference outlives the store. Errors: those of
// open_s3_blob_store().
[[nodiscard]] Result<std::unique_ptr<storage::BlobStore>> open_object_store(
    const Settings& settings, std::string_view name, storage::AwsCredentialSource& credentials,
    const Clock& clock, Random& random);

[[nodiscard]] std::unique_ptr<storage::UrlSigner> make_object_url_signer(
    const Settings& settings, storage::AwsCredentialSource& credentials, const Clock& clock);

}  // namespace pacs::cli
