#include "storage/s3_address.h"

#include <gtest/gtest.h>

namespace pacs::storage {
namespace {

struct Place {
  const char* endpoint;
  const char* bucket;
  S3Addressing addressing;
  const char* region;
  const char* url;  // of the key "radiology/a"
};

TEST(S3Address, ABucketIsAHostOrAPath) {
  constexpr auto kAutomatic = S3Addressing::automatic;
  for (const Place& place : {
           Place{"", "clinic", kAutomatic, "eu-central-1",
                 "https://clinic.s3.eu-central-1.amazonaws.com/radiology/a"},
           Place{"", "clinic", kAutomatic, "us-east-1",
                 "https://clinic.s3.us-east-1.amazonaws.com/radiology/a"},
           Place{"", "clinic", kAutomatic, "cn-north-1",
                 "https://clinic.s3.cn-north-1.amazonaws.com.cn/radiology/a"},
           // The certificate covers no host with another dot in it.
           Place{"", "clinic.example", kAutomatic, "eu-central-1",
                 "https://s3.eu-central-1.amazonaws.com/clinic.example/radiology/a"},
           Place{"", "clinic", S3Addressing::path, "eu-central-1",
                 "https://s3.eu-central-1.amazonaws.com/clinic/radiology/a"},
           Place{"http://store:9000", "clinic", kAutomatic, "us-east-1",
                 "http://store:9000/clinic/radiology/a"},
           Place{"https://store.example", "clinic", S3Addressing::virtual_host, "us-east-1",
                 "https://clinic.store.example/radiology/a"},
           // The Host that is signed names no port that browsers leave out.
           Place{"https://store.example:443", "clinic", S3Addressing::virtual_host, "us-east-1",
                 "https://clinic.store.example/radiology/a"},
           Place{"http://store.example:80", "clinic", kAutomatic, "us-east-1",
                 "http://store.example/clinic/radiology/a"},
       }) {
    S3Settings settings;
    settings.endpoint_url = place.endpoint;
    settings.bucket = place.bucket;
    settings.addressing = place.addressing;
    const S3Address address = address_of_bucket(settings, place.region);
    EXPECT_EQ(address.origin() + address.path_of("radiology/a"), place.url);
  }
}

TEST(S3Address, TheBucketItselfHasAPathToo) {
  S3Settings settings;
  settings.bucket = "clinic";
  EXPECT_EQ(address_of_bucket(settings, "eu-central-1").path_of(""), "/");
  settings.addressing = S3Addressing::path;
  EXPECT_EQ(address_of_bucket(settings, "eu-central-1").path_of(""), "/clinic");
}

TEST(S3Address, BrowsersGoToTheCustomDomainThenToThePublicEndpoint) {
  S3Settings settings;
  settings.bucket = "clinic";
  settings.endpoint_url = "http://store:9000";
  settings.public_endpoint_url = "https://images.example";
  EXPECT_EQ(public_address_of_bucket(settings, "us-east-1").origin(), "https://images.example");
  EXPECT_EQ(public_address_of_bucket(settings, "us-east-1").path_of("a"), "/clinic/a");
  settings.custom_domain = "cdn.example";
  EXPECT_EQ(public_address_of_bucket(settings, "us-east-1").origin(), "https://cdn.example");
  EXPECT_EQ(public_address_of_bucket(settings, "us-east-1").path_of("a"), "/a");
  EXPECT_EQ(address_of_bucket(settings, "us-east-1").origin(), "http://store:9000");
}

}  // namespace
}  // namespace pacs::storage
