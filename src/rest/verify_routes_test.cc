#include <chrono>
#include <thread>

#include "tests/support/rest_fixture.h"

namespace pacs::rest {
namespace {

const std::string kPath = "/api/v1/archive/verify/";

class VerifyRoutesTest : public RestTest {
 protected:
  // Until the pass with this number is done.
  JsonValue finished(const std::string& number) {
    for (int i = 0; i < 1000; ++i) {
      const TestAnswer answer = get(kPath, admin_);
      if (answer.status == 200 && answer.text("number") == number &&
          answer.text("state") != "running") {
        return answer.json();
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ADD_FAILURE() << "the verification does not end";
    return {};
  }
};

TEST_F(VerifyRoutesTest, IsForAdministrators) {
  for (const std::string& token : {reader_, uploader_, technician_}) {
    EXPECT_EQ(post(kPath, "{}", token).status, 403);
    EXPECT_EQ(get(kPath, token).status, 403);
  }
  EXPECT_EQ(get(kPath, admin_).text("code"), "no_verification");
}

TEST_F(VerifyRoutesTest, ShowsWhatWasFoundAndCountsIt) {
  ASSERT_EQ(store(ct("1.2", "1.2.3", "1.2.3.4")).status, 201);
  const TestAnswer stored = store(ct("1.2", "1.2.3", "1.2.3.5"));
  ASSERT_EQ(stored.status, 201);
  ASSERT_TRUE(stores_.primary().remove(*ObjectKey::parse(stored.text("file_key"))));

  const TestAnswer started = post(kPath, R"({"hashes":true})", admin_);
  ASSERT_EQ(started.status, 202) << started.body;
  const JsonValue report = finished(started.text("number"));
  EXPECT_EQ(TestAnswer::member_of(report, "state"), "finished");
  EXPECT_EQ(TestAnswer::member_of(report, "images"), "2");
  EXPECT_EQ(TestAnswer::member_of(report, "needing_attention"), "1");
  EXPECT_EQ(TestAnswer::member_of(report, "counts"), R"({"missing_blob":1})");
  const JsonValue& finding = report.find("findings")->as_array()->front();
  EXPECT_EQ(TestAnswer::member_of(finding, "kind"), "missing_blob");
  EXPECT_EQ(TestAnswer::member_of(finding, "image_uid"), "1.2.3.5");
  EXPECT_EQ(TestAnswer::member_of(finding, "repair"), "not_asked");
  EXPECT_TRUE(get(kPath + "?skip=1", admin_).json().find("findings")->as_array()->empty());
  EXPECT_EQ(get(kPath + "?limit=0", admin_).status, 400);
}

}  // namespace
}  // namespace pacs::rest
