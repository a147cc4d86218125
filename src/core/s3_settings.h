// The settings of an object store, under the names that django-storages and boto3 gave them.
#pragma once

#include <optional>
#include <string>

#include "core/setting_reader.h"

namespace pacs {

enum class S3Addressing { automatic, virtual_host, path };

struct S3ObjectParameters {
  std::string server_side_encryption;  // "", "AES256" or "aws:kms"
  std::string kms_key_id;
  std::string storage_class;
  std::string tagging;

  friend bool operator==(const S3ObjectParameters&, const S3ObjectParameters&) = default;
};

struct S3Settings {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;
  std::string bucket;
  std::string region;
  std::string endpoint_url;         // empty: that of AWS in the region
  std::string public_endpoint_url;  // empty: the endpoint
  std::string custom_domain;
  std::string cloudfront_key_id;
  std::string cloudfront_key;  // PEM
  bool verify_certificate = true;
  std::string ca_bundle_path;  // empty: the system's
  S3Addressing addressing = S3Addressing::automatic;
  S3ObjectParameters object_parameters;
};

enum class S3Flavour { unused, s3, minio };

// Reads the AWS_* and MINIO_* settings. Their shapes are always checked; what they say together
// only where an object store is used, since AWS_* is in the environment of many machines for other
// reasons. For `minio` the MINIO_* names win over the AWS_* ones.
[[nodiscard]] S3Settings read_s3_settings(SettingReader& reader, S3Flavour flavour);

}  // namespace pacs
