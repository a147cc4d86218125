#include "storage/media_url.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/file.h"
#include "core/text.h"
#include "tests/support/temporary_folder.h"

namespace pacs::storage {
namespace {

using testing_support::TemporaryFolder;

constexpr UnixMillis kNow = 1'800'000'000'000;

// The example of docs/design/signed-url.md: the secret is the bytes 0 to 31.
constexpr const char* kExampleKeys =
    R"({"version":1,"keys":[{"kid":"k2example234","secret":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",)"
    R"("created_at":1799990000000,"valid_until":null}]})"
    "\n";
constexpr const char* kExampleKey =
    "radiology/1.2.840.113619.2.55.3.604688/1.2.840.113619.2.55.3.604688.1/"
    "1.2.840.113619.2.55.3.604688.1.7/Schädel_(1).dcm";
constexpr const char* kExamplePath =
    "/media/radiology/1.2.840.113619.2.55.3.604688/1.2.840.113619.2.55.3.604688.1/"
    "1.2.840.113619.2.55.3.604688.1.7/Sch%C3%A4del_%281%29.dcm";
constexpr const char* kExampleQuery =
    "expires=1800003600&kid=k2example234&signature=7IPh34JnLJr6MPWI7MXEKlyRt6Hn6ytIup_m_3sofWU";

class MediaUrlTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(replace_file(folder_ / "keys.json", as_bytes(kExampleKeys), 0600));
    keys_ = SigningKeys::open(folder_ / "keys.json", clock_, random_).value();
  }
  [[nodiscard]] MediaUrl media_url(std::string base = "/media/") {
    return MediaUrl::create(std::move(base), *keys_, clock_).value();
  }
  [[nodiscard]] std::string outcome(std::string_view path, std::string_view query,
                                    std::string_view method = "GET") {
    const Result<void> result = media_url().verify(method, path, query);
    return result ? "valid" : to_string(result.error());
  }

  TemporaryFolder folder_;
  ManualClock clock_{kNow};
  SystemRandom random_;
  std::unique_ptr<SigningKeys> keys_;
};

constexpr const char* kRefused =
    "permission_denied/link_refused: this link is not valid or has expired";

TEST_F(MediaUrlTest, TheExampleOfTheDesignPage) {
  const Result<std::string> url =
      media_url().sign(ObjectKey::parse(kExampleKey).value(), kNow + 3'600'999);
  ASSERT_TRUE(url);
  EXPECT_EQ(*url, std::string(kExamplePath) + "?" + kExampleQuery);
  EXPECT_EQ(outcome(kExamplePath, kExampleQuery), "valid");
  EXPECT_EQ(media_url().key_of(kExamplePath)->str(), kExampleKey);
}

TEST_F(MediaUrlTest, HeadIsAllowedWhereGetIsAndNothingElse) {
  EXPECT_EQ(outcome(kExamplePath, kExampleQuery, "HEAD"), "valid");
  for (const char* method : {"PUT", "DELETE", "POST", "get", ""}) {
    EXPECT_EQ(outcome(kExamplePath, kExampleQuery, method), kRefused) << method;
  }
}

TEST_F(MediaUrlTest, ExpiresAtItsSecond) {
  clock_.set(1'800'003'599'999);
  EXPECT_EQ(outcome(kExamplePath, kExampleQuery), "valid");
  clock_.set(1'800'003'600'000);
  EXPECT_EQ(outcome(kExamplePath, kExampleQuery), kRefused);
}

TEST_F(MediaUrlTest, AnyChangeIsRefusedWithTheSameText) {
  const std::string path = kExamplePath;
  const std::string query = kExampleQuery;
  for (size_t i = 0; i < path.size(); ++i) {
    std::string changed = path;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(outcome(changed, query), kRefused) << changed;
  }
  for (size_t i = 0; i < query.size(); ++i) {
    std::string changed = query;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(outcome(path, changed), kRefused) << changed;
  }
  // The same path in another spelling is not what was signed.
  EXPECT_EQ(outcome("/media/./" + path.substr(7), query), kRefused);
}

TEST_F(MediaUrlTest, MalformedQueriesAreRefused) {
  const std::string query = kExampleQuery;
  const std::string signature = query.substr(query.find("signature="));
  for (const std::string& bad : std::vector<std::string>{
           "", query + "&", "&" + query, query + "&x=1", query + "&expires=1800003600",
           query + "&" + signature, signature, query + "=", query + "%3D",
           "expires=9999999999&kid=k2example234&" + signature,
           "expires=&kid=&signature=", "expires=1800003600&kid=k2example234",
           "Expires=1800003600&kid=k2example234&" + signature,
           "expires=01800003600&kid=k2example234&" + signature,
           "expires=+1800003600&kid=k2example234&" + signature,
           "expires=1800003600&kid=another23456&" + signature, query + std::string(10'000, 'A')}) {
    EXPECT_EQ(outcome(kExamplePath, bad), kRefused) << bad.substr(0, 100);
  }
  // The order is free: some tools sort parameters.
  EXPECT_EQ(outcome(kExamplePath, signature + "&kid=k2example234&expires=1800003600"), "valid");
}

TEST_F(MediaUrlTest, ALineBreakCannotShiftTheSignedFields) {
  EXPECT_EQ(outcome(std::string(kExamplePath) + "\n1800003600", kExampleQuery), kRefused);
}

TEST_F(MediaUrlTest, LinksSurviveARotationUntilTheyExpireAndAreCutByADrop) {
  const ObjectKey key = ObjectKey::parse(kExampleKey).value();
  const std::string url = media_url().sign(key, kNow + 604'800'000).value();
  const std::string query = url.substr(url.find('?') + 1);
  ASSERT_TRUE(keys_->rotate());
  EXPECT_EQ(outcome(kExamplePath, query), "valid");
  const std::string newer = media_url().sign(key, kNow + 1'000).value();
  EXPECT_EQ(outcome(kExamplePath, newer.substr(newer.find('?') + 1)), "valid");
  clock_.set(kNow + 604'799'999);
  EXPECT_EQ(outcome(kExamplePath, query), "valid") << "the old key must live as long as its links";
  clock_.set(kNow);
  ASSERT_TRUE(keys_->rotate(OldKeys::dropped_now));
  EXPECT_EQ(outcome(kExamplePath, query), kRefused);
}

TEST_F(MediaUrlTest, ALifeOutOfRangeIsNotSigned) {
  const ObjectKey key = ObjectKey::parse(kExampleKey).value();
  for (const int64_t life_ms : {-1'000L, 0L, 999L, 604'800'001L}) {
    EXPECT_EQ(media_url().sign(key, kNow + life_ms).error().reason, "bad_expiry") << life_ms;
  }
  EXPECT_TRUE(media_url().sign(key, kNow + 1'000));
  EXPECT_TRUE(media_url().sign(key, kNow + 604'800'000));
}

TEST_F(MediaUrlTest, MediaUrlMayBeAbsoluteAndTheHostIsNotSigned) {
  const ObjectKey key = ObjectKey::parse(kExampleKey).value();
  const std::string url =
      media_url("https://img.example.org/media/").sign(key, kNow + 3'600'000).value();
  EXPECT_EQ(url, std::string("https://img.example.org") + kExamplePath + "?" + kExampleQuery);
  EXPECT_EQ(media_url("https://img.example.org/media/").path_prefix(), "/media/");
  EXPECT_EQ(media_url("/").path_prefix(), "/");
  for (const char* bad : {"", "media/", "/media", "https://host", "https:///x/", "//host/", "/a?b/",
                          "/a b/", "ftp://host/", "/a\n/"}) {
    const Result<MediaUrl> result = MediaUrl::create(bad, *keys_, clock_);
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().reason, "bad_media_url");
  }
}

TEST_F(MediaUrlTest, OnlyAPathInTheLayoutNamesAKey) {
  for (const char* path :
       {"", "/media/", "/other/radiology/1/2/3/a.dcm", "/media/radiology/1/2/3/",
        "/media/radiology/1/2/3", "/media/radiology/1/2/3/..", "/media/radiology/1/2/%2e%2e/a.dcm",
        "/media/radiology/1/2%2F3/a.dcm", "/media/radiology/1/2/3/a%00.dcm",
        "/media/radiology/1/2/3/a%2", "/media/radiology/1/2/3/a%zz",
        "/media/.pacs-lite/1/2/3/archive-id", "/media/radiology/1/2/3/%ff"}) {
    const Result<ObjectKey> key = media_url().key_of(path);
    ASSERT_FALSE(key) << path;
    EXPECT_EQ(key.error().code, ErrorCode::not_found) << path;
  }
  EXPECT_EQ(media_url().key_of("/media/radiology/1/2/3/a%20b%25.dcm")->str(),
            "radiology/1/2/3/a b%.dcm");
}

TEST(PercentEncodePath, EncodesOnceAndLeavesTheUnreserved) {
  EXPECT_EQ(percent_encode_path("radiology/AZaz09-._~/x"), "radiology/AZaz09-._~/x");
  EXPECT_EQ(percent_encode_path("a b%20+&=?#'()ü"), "a%20b%2520%2B%26%3D%3F%23%27%28%29%C3%BC");
}

}  // namespace
}  // namespace pacs::storage
