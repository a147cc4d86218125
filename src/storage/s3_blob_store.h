// Blobs as objects of a bucket, under the same keys and with the same names of our own beside them
// as under MEDIA_ROOT, so that any tool copies between the two and boto3 reads what we write.
//
// What is staged stands in a folder of this machine: a header has to be read before there is a key,
// and a bucket keeps nothing without a name. A blob is durable when the store has confirmed it.
#pragma once

#include <memory>
#include <string>

#include "core/clock.h"
#include "core/crypto.h"
#include "core/result.h"
#include "core/s3_settings.h"
#include "storage/aws_credential_source.h"
#include "storage/blob_store.h"
#include "storage/s3_client.h"
#include "storage/s3_writer.h"

namespace pacs::storage {

struct S3StoreOptions {
  std::string name;  // "s3" or "minio": what rows carry
  S3Settings settings;
  std::string staging_folder;  // made when missing, its parent must be there; nobody else's
  S3ClientOptions client;
  S3PartSizes parts;
};

// Success: the bucket is there, and what the store can do is known. What is passed by reference
// outlives it. `unavailable` (reasons "no_such_bucket", "connect_failed", "store_unavailable" …),
// `permission_denied`, `unsupported` ("not_encrypted", "newer_layout").
[[nodiscard]] Result<std::unique_ptr<BlobStore>> open_s3_blob_store(
    S3StoreOptions options, AwsCredentialSource& credentials, const Clock& clock, Random& random);

}  // namespace pacs::storage
