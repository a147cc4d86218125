#include "storage/s3_url_signer.h"

#include <gtest/gtest.h>

namespace pacs::storage {
namespace {

constexpr UnixMillis kSignedAt = 1'700'000'000'000;

// With credentials that end so many seconds from now; 0: never.
Result<std::string> sign_for(int64_t life_seconds, int64_t lent_seconds) {
  S3Settings settings;
  settings.bucket = "clinic";
  settings.region = "eu-central-1";
  const UnixMillis lent_until = lent_seconds == 0 ? 0 : kSignedAt + lent_seconds * 1000;
  FixedAwsCredentials credentials({"id", "secret", "token", lent_until});
  const ManualClock clock(kSignedAt);
  const S3UrlSigner signer(settings, credentials, clock);
  return signer.sign(ObjectKey::make("1", "2", "3", "a.dcm"), kSignedAt + life_seconds * 1000, {});
}

bool lives_for(const Result<std::string>& url, std::string_view seconds) {
  const std::string field = "X-Amz-Expires=" + std::string(seconds) + "&";
  return url && url->find(field) != std::string::npos;
}

// The store refuses a link whose session is over, whatever the link says.
TEST(S3UrlSigner, ALinkDoesNotOutliveTheSession) {
  EXPECT_TRUE(lives_for(sign_for(3600, 0), "3600"));
  EXPECT_TRUE(lives_for(sign_for(3600, 7200), "3600"));
  EXPECT_TRUE(lives_for(sign_for(3600, 900), "900"));
  EXPECT_NE(sign_for(3600, 900)->find("X-Amz-Security-Token=token"), std::string::npos);
  const Result<std::string> over = sign_for(3600, -1);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().reason, "no_credentials");
}

}  // namespace
}  // namespace pacs::storage
