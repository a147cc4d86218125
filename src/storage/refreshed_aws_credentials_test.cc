// Credentials are fetched when they are needed, kept while they hold, and found where AWS's own
// tools find them.
#include "storage/refreshed_aws_credentials.h"

#include <atomic>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "http/test_support.h"
#include "storage/aws_credential_places.h"

namespace pacs::storage {
namespace {

constexpr UnixMillis kMinute = 60'000;
constexpr UnixMillis kHour = 60 * kMinute;

struct Lender {
  ManualClock clock;
  int asked = 0;
  bool is_down = false;
  RefreshedAwsCredentials credentials{[this]() -> Result<AwsCredentials> {
                                        if (is_down) return unavailable("no_credentials", "down");
                                        ++asked;
                                        return AwsCredentials{"id", "secret",
                                                              "token-" + std::to_string(asked),
                                                              clock.now() + kHour};
                                      },
                                      clock};
};

TEST(RefreshedAwsCredentials, AreFetchedAnewBeforeTheyEnd) {
  Lender lender;
  EXPECT_EQ(lender.credentials.get()->session_token, "token-1");
  lender.clock.advance(std::chrono::minutes(53));
  EXPECT_EQ(lender.credentials.get()->session_token, "token-1");
  lender.clock.advance(std::chrono::minutes(2));
  EXPECT_EQ(lender.credentials.get()->session_token, "token-2");
}

TEST(RefreshedAwsCredentials, TheOldOnesServeUntilTheyEnd) {
  Lender lender;
  ASSERT_TRUE(lender.credentials.get());
  lender.is_down = true;
  lender.clock.advance(std::chrono::minutes(59));
  EXPECT_EQ(lender.credentials.get()->session_token, "token-1");
  lender.clock.advance(std::chrono::minutes(1));
  EXPECT_EQ(lender.credentials.get().error().reason, "no_credentials");
  lender.is_down = false;
  EXPECT_EQ(lender.credentials.get()->session_token, "token-2");
}

TEST(RefreshedAwsCredentials, WhatTheStoreRefusedIsNotUsedAgain) {
  Lender lender;
  const AwsCredentials refused = lender.credentials.get().value();
  lender.credentials.give_up(refused);
  EXPECT_EQ(lender.credentials.get()->session_token, "token-2");
  lender.credentials.give_up(refused);  // by somebody slow: these are others now
  EXPECT_EQ(lender.credentials.get()->session_token, "token-2");
}

TEST(RefreshedAwsCredentials, OneFetchServesAllWhoWait) {
  SystemClock clock;
  std::atomic<int> asked{0};
  RefreshedAwsCredentials credentials(
      [&]() -> Result<AwsCredentials> {
        ++asked;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        return AwsCredentials{"id", "secret", "", clock.now() + kHour};
      },
      clock);
  std::vector<std::thread> threads;
  std::atomic<int> served{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { served += credentials.get() ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(served, 8);
}

// --- where they are found -----------------------------------------------------------------------

struct Environment {
  std::map<std::string, std::string> values{{"AWS_EC2_METADATA_DISABLED", "true"}};
  [[nodiscard]] EnvironmentLookup lookup() const {
    return [this](const char* name) {
      const auto position = values.find(name);
      return position == values.end() ? std::string() : position->second;
    };
  }
};

TEST(AwsCredentialPlaces, ASharedProfileIsFoundByItsName) {
  http::TemporaryFolder folder;
  Environment environment;
  environment.values["AWS_SHARED_CREDENTIALS_FILE"] =
      folder.write("credentials",
                   "# comment\n[default]\naws_access_key_id = one\naws_secret_access_key=s1\n"
                   "[clinic]\r\naws_access_key_id=two\r\naws_secret_access_key = s2\r\n"
                   "aws_session_token=t2\r\n");
  EXPECT_EQ(find_credentials(environment.lookup(), "us-east-1")->access_key_id, "one");
  environment.values["AWS_PROFILE"] = "clinic";
  const AwsCredentials clinic = find_credentials(environment.lookup(), "us-east-1").value();
  EXPECT_EQ(clinic.access_key_id, "two");
  EXPECT_EQ(clinic.secret_access_key, "s2");
  EXPECT_EQ(clinic.session_token, "t2");
  environment.values["AWS_PROFILE"] = "absent";
  EXPECT_EQ(find_credentials(environment.lookup(), "us-east-1").error().reason, "no_credentials");
}

constexpr const char* kLent = R"({"AccessKeyId":"lent","SecretAccessKey":"secret","Token":"token",)"
                              R"("Expiration":"2030-01-02T03:04:05Z"})";

TEST(AwsCredentialPlaces, AnInstanceIsAskedWithATokenOfItsOwn) {
  http::RunningServer metadata([](http::Request& request, http::ResponseWriter& writer) {
    const std::string roles = "/latest/meta-data/iam/security-credentials/";
    if (request.raw_path == "/latest/api/token") {
      EXPECT_EQ(request.method, http::Method::put);
      return writer.send(http::text(http::Status::ok, "imds-token"));
    }
    if (request.headers.find("X-aws-ec2-metadata-token") != "imds-token") {
      return writer.send(http::text(http::Status::unauthorized, ""));
    }
    writer.send(http::text(http::Status::ok, request.raw_path == roles ? "the-role" : kLent));
  });
  Environment environment;
  environment.values = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url("")}};
  const AwsCredentials lent = find_credentials(environment.lookup(), "us-east-1").value();
  EXPECT_EQ(lent.access_key_id, "lent");
  EXPECT_EQ(lent.session_token, "token");
  EXPECT_EQ(lent.expires_at, from_rfc3339("2030-01-02T03:04:05Z"));
}

TEST(AwsCredentialPlaces, AContainerIsAskedWithTheTokenOfItsFile) {
  http::RunningServer agent([](http::Request& request, http::ResponseWriter& writer) {
    const bool is_right = request.headers.find("Authorization") == "of-the-file";
    writer.send(http::text(is_right ? http::Status::ok : http::Status::forbidden, kLent));
  });
  http::TemporaryFolder folder;
  Environment environment;
  environment.values["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = agent.url("/v1/credentials");
  environment.values["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] =
      folder.write("token", "of-the-file\n");
  EXPECT_EQ(find_credentials(environment.lookup(), "us-east-1")->access_key_id, "lent");
}

TEST(AwsCredentialPlaces, AWebIdentityIsExchangedForARole) {
  http::RunningServer sts([](http::Request& request, http::ResponseWriter& writer) {
    const std::string form = read_all(request.body(), 100'000).value();
    EXPECT_NE(form.find("Action=AssumeRoleWithWebIdentity"), std::string::npos) << form;
    EXPECT_NE(form.find("WebIdentityToken=jwt.of.pod"), std::string::npos) << form;
    writer.send(http::text(
        http::Status::ok,
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
        "<AccessKeyId>lent</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        "<SessionToken>a&amp;b</SessionToken><Expiration>2030-01-02T03:04:05Z</Expiration>"
        "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"));
  });
  http::TemporaryFolder folder;
  Environment environment;
  environment.values["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder.write("token", "jwt.of.pod\n");
  environment.values["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/pacs";
  environment.values["AWS_ENDPOINT_URL_STS"] = sts.url("");
  const AwsCredentials lent = find_credentials(environment.lookup(), "us-east-1").value();
  EXPECT_EQ(lent.access_key_id, "lent");
  EXPECT_EQ(lent.session_token, "a&b");
}

}  // namespace
}  // namespace pacs::storage
