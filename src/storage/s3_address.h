// Where a bucket is: the start of every URL of its objects, in either style of addressing.
#pragma once

#include <string>
#include <string_view>

#include "core/s3_settings.h"

namespace pacs::storage {

struct S3Address {
  std::string scheme;       // "https"
  std::string host;         // with its port, unless that is the scheme's own: what Host carries
  std::string path_prefix;  // "/bucket", or empty where the bucket is a part of the host

  // The path of an object before any escaping; of the bucket itself where `key` is empty.
  [[nodiscard]] std::string path_of(std::string_view key) const;
  [[nodiscard]] std::string origin() const { return scheme + "://" + host; }
};

// The bucket as this server reaches it; AWS's own endpoint of `region` where none is set.
[[nodiscard]] S3Address address_of_bucket(const S3Settings& settings, std::string_view region);

// The bucket as browsers reach it: AWS_S3_CUSTOM_DOMAIN, else the public endpoint, else as above.
[[nodiscard]] S3Address public_address_of_bucket(const S3Settings& settings,
                                                 std::string_view region);

}  // namespace pacs::storage
