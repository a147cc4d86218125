#include "storage/s3_address.h"

namespace pacs::storage {
namespace {

std::string aws_host(std::string_view region) {
  const std::string domain = region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
  return "s3." + std::string(region) + domain;
}

// A certificate for *.s3.amazonaws.com covers no name with another dot in it.
bool fits_into_a_host(std::string_view bucket) {
  return bucket.find('.') == std::string_view::npos;
}

S3Address address_at(const S3Settings& settings, std::string_view endpoint_url,
                     std::string_view region) {
  S3Address address;
  const bool is_aws = endpoint_url.empty();
  if (is_aws) {
    address.scheme = "https";
    address.host = aws_host(region);
  } else {
    const size_t colon = endpoint_url.find("://");
    address.scheme = endpoint_url.substr(0, colon);
    address.host = endpoint_url.substr(colon + 3);
    const std::string_view own_port = address.scheme == "https" ? ":443" : ":80";
    if (address.host.ends_with(own_port)) {
      address.host.resize(address.host.size() - own_port.size());
    }
  }
  const bool is_virtual = settings.addressing == S3Addressing::virtual_host ||
                          (settings.addressing == S3Addressing::automatic && is_aws &&
                           fits_into_a_host(settings.bucket));
  if (is_virtual) {
    address.host = settings.bucket + "." + address.host;
  } else {
    address.path_prefix = "/" + settings.bucket;
  }
  return address;
}

}  // namespace

std::string S3Address::path_of(std::string_view key) const {
  if (key.empty()) return path_prefix.empty() ? "/" : path_prefix;
  return path_prefix + "/" + std::string(key);
}

S3Address address_of_bucket(const S3Settings& settings, std::string_view region) {
  return address_at(settings, settings.endpoint_url, region);
}

S3Address public_address_of_bucket(const S3Settings& settings, std::string_view region) {
  if (!settings.custom_domain.empty()) return {"https", settings.custom_domain, ""};
  if (!settings.public_endpoint_url.empty()) {
    return address_at(settings, settings.public_endpoint_url, region);
  }
  return address_of_bucket(settings, region);
}

}  // namespace pacs::storage
