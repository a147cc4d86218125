// The object store of the settings: its credentials, its blobs, and the signer of its URLs.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "core/settings.h"
#include "http/client.h"
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

// CloudFront's where its key is set; else for the region in which the bucket is found. Errors:
// those of the key, of S3Objects::find_bucket().
[[nodiscard]] Result<std::unique_ptr<storage::UrlSigner>> make_object_url_signer(
    const Settings& settings, storage::AwsCredentialSource& credentials, const Clock& clock,
    Random& random);

// A link to the store as a browser follows it, without credentials. Errors: those of the client,
// and the store's refusal in our words.
[[nodiscard]] Result<http::ClientResponse> follow_link(const Settings& settings,
                                                       const std::string& url,
                                                       http::Headers headers = {});
// Whether the store lets pages of that origin fetch a range of what is at `url`: a browser's
// preflight (Fetch standard, CORS-preflight fetch). Errors: those of follow_link().
[[nodiscard]] Result<bool> ask_for_leave(const Settings& settings, const std::string& url,
                                         const std::string& origin);
// Whether the store, when it was asked, would not give it out.
[[nodiscard]] bool is_refusal(const Error& error);

}  // namespace pacs::cli
