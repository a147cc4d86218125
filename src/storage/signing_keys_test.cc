#include "storage/signing_keys.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/file.h"
#include "tests/support/temporary_folder.h"

namespace pacs::storage {
namespace {

using testing_support::TemporaryFolder;

class SigningKeysTest : public testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<SigningKeys> open() {
    return SigningKeys::open(path_, clock_, random_).value();
  }
  [[nodiscard]] std::string reason_of_open() {
    const auto result = SigningKeys::open(path_, clock_, random_);
    return result ? "success" : result.error().reason;
  }

  TemporaryFolder folder_;
  std::string path_ = folder_ / "signing-keys.json";
  ManualClock clock_;
  SystemRandom random_;
};

TEST_F(SigningKeysTest, TheFirstStartMakesAKeyThatTheNextOneFinds) {
  const SigningKey first = open()->current();
  EXPECT_EQ(first.secret.size(), SigningKeys::kSecretBytes);
  struct ::stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  const SigningKey again = open()->current();
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(again.secret, first.secret);
}

TEST_F(SigningKeysTest, ARotatedKeyStaysValidForTheLongestLinkAndThenGoes) {
  const auto keys = open();
  const SigningKey first = keys->current();
  ASSERT_TRUE(keys->rotate());
  const SigningKey second = keys->current();
  EXPECT_NE(second.id, first.id);
  EXPECT_NE(second.secret, first.secret);
  EXPECT_EQ(keys->find_valid(first.id)->secret, first.secret);
  EXPECT_EQ(open()->find_valid(first.id)->secret, first.secret) << "also after a restart";

  clock_.advance(std::chrono::seconds(604'800));
  EXPECT_TRUE(keys->find_valid(first.id));
  clock_.advance(std::chrono::seconds(61));
  EXPECT_FALSE(keys->find_valid(first.id));
  EXPECT_TRUE(keys->find_valid(second.id)) << "the current key does not age";
  ASSERT_TRUE(keys->rotate());
  EXPECT_EQ(keys->count(), 2U) << "the first is gone from the file";
}

TEST_F(SigningKeysTest, ALeakedKeyIsDroppedAtOnce) {
  const auto keys = open();
  const SigningKey leaked = keys->current();
  ASSERT_TRUE(keys->rotate());
  ASSERT_TRUE(keys->rotate(OldKeys::dropped_now));
  EXPECT_FALSE(keys->find_valid(leaked.id));
  EXPECT_FALSE(open()->find_valid(leaked.id));
  EXPECT_EQ(read_file(path_, 10'000)->find(leaked.id), std::string::npos);
}

TEST_F(SigningKeysTest, AFailedRotationChangesNothing) {
  const auto keys = open();
  const SigningKey first = keys->current();
  std::filesystem::create_directory(path_ + ".new");  // where the new file would be written
  EXPECT_FALSE(keys->rotate());
  EXPECT_EQ(keys->current().id, first.id);
  EXPECT_EQ(open()->current().id, first.id);
}

TEST_F(SigningKeysTest, DamagedAndExposedFilesAreRefused) {
  static_cast<void>(open());
  const std::string good = read_file(path_, 10'000).value();
  for (
      const std::string& bad :
      {std::string(), std::string("{}"), std::string("x"), good.substr(0, good.size() / 2),
       std::string(R"({"version":2,"keys":[]})"), std::string(R"({"version":1,"keys":[]})"),
       std::string(
           R"({"version":1,"keys":[{"kid":"abc","secret":"","created_at":1,"valid_until":null}]})")}) {
    ASSERT_TRUE(replace_file(path_, as_bytes(bad), 0600));
    EXPECT_EQ(reason_of_open(), "bad_signing_keys") << bad;
  }
  ASSERT_TRUE(replace_file(path_, as_bytes(good), 0600));
  ASSERT_EQ(::chmod(path_.c_str(), 0640), 0);
  EXPECT_EQ(reason_of_open(), "signing_keys_exposed");
}

}  // namespace
}  // namespace pacs::storage
