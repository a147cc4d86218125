#include "tests/support/rest_fixture.h"

namespace pacs::rest {
namespace {

constexpr std::string_view kSessions = "/api/v1/radiology/sessions/";
constexpr std::string_view kSessionUuid = "750e8400-e29b-41d4-a716-446655440000";

class SessionRoutesTest : public RestTest {
 protected:
  TestAnswer create(const std::string& fields = R"("radiology_order":7,"total_images":2)") {
    return post(std::string(kSessions),
                R"({"session_uuid":")" + std::string(kSessionUuid) +
                    R"(","device_id":"tablet-3","device_info":{"os":"x"},)" + fields + "}",
                technician_);
  }
  std::string path(const std::string& step = "") const {
    return std::string(kSessions) + std::string(kSessionUuid) + "/" + step;
  }
  TestAnswer announce(const std::string& uuid, const std::string& content, int sequence,
                      const std::string& extra = "") {
    return post(path("upload-metadata/"),
                R"({"image_uuid":")" + uuid + R"(","filename":"a.dcm","file_size":)" +
                    std::to_string(content.size()) + R"(,"checksum":")" +
                    sha256(as_bytes(content)).hex() + R"(","sequence_number":)" +
                    std::to_string(sequence) + extra + "}",
                technician_);
  }
  TestAnswer send(const std::string& uuid, const std::string& content) {
    return post_form(path("upload-binary/"), {{"image_uuid", uuid}}, "a.dcm", content, technician_);
  }
  std::string state(std::string_view member) { return get(path(), technician_).text(member); }

  const std::string first_uuid_ = "550e8400-e29b-41d4-a716-446655440001";
  const std::string second_uuid_ = "550e8400-e29b-41d4-a716-446655440002";
  const std::string first_ = ct("1.2", "1.2.3", "1.2.3.1");
  const std::string second_ = ct("1.2", "1.2.3", "1.2.3.2");
};

TEST_F(SessionRoutesTest, IsMadeOnceAndFoundAgain) {
  const TestAnswer created = create();
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(created.text("status"), "QUEUED");
  EXPECT_EQ(created.text("radiology_order_id"), "7");
  EXPECT_EQ(created.text("device_info"), R"({"os":"x"})");
  EXPECT_EQ(created.text("upload_items"), "[]");
  const TestAnswer again = create();
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.text("id"), created.text("id"));
  EXPECT_EQ(create(R"("radiology_request_id":7)").status, 409) << "another order";
  const std::string number = std::string(kSessions) + created.text("id") + "/status/";
  EXPECT_EQ(get(number, technician_).body, get(path(), technician_).body);
  EXPECT_EQ(get(path(), make_token("uploader")).status, 404);
  EXPECT_EQ(get(std::string(kSessions) + "4711/", technician_).status, 404);
}

TEST_F(SessionRoutesTest, FollowsItsImages) {
  ASSERT_EQ(create().status, 201);
  const TestAnswer announced = announce(second_uuid_, second_, 2);
  ASSERT_EQ(announced.status, 201) << announced.body;
  const JsonValue body = announced.json();
  EXPECT_EQ(TestAnswer::member_of(*body.find("metadata"), "radiology_order_id"), "7")
      << "the session's";
  EXPECT_EQ(TestAnswer::member_of(*body.find("upload_item"), "metadata_uuid"), second_uuid_);
  ASSERT_EQ(announce(first_uuid_, first_, 1).status, 201);
  EXPECT_EQ(announce(first_uuid_, first_, 1).status, 200);
  EXPECT_EQ(state("status"), "UPLOADING");
  EXPECT_EQ(state("progress_percentage"), "0.0");

  const TestAnswer sent = send(second_uuid_, second_);
  ASSERT_EQ(sent.status, 201) << sent.body;
  EXPECT_EQ(TestAnswer::member_of(*sent.json().find("image"), "file_key"),
            "radiology/1.2/1.2.3/1.2.3.2/a.dcm");
  EXPECT_EQ(state("progress_percentage"), "50.0");
  EXPECT_EQ(send(first_uuid_, "wrong").status, 422);
  EXPECT_EQ(state("status"), "PARTIAL");
  EXPECT_EQ(state("images_failed"), "1");
  EXPECT_NE(state("error_message"), "");
  ASSERT_EQ(send(first_uuid_, first_).status, 201);
  EXPECT_EQ(state("status"), "SYNCED");
  EXPECT_EQ(state("is_complete"), "true");
  EXPECT_EQ(state("progress_percentage"), "100.0");

  const TestAnswer acknowledged =
      post(path("acknowledge/"), R"({"image_uuid":")" + first_uuid_ + "\"}", technician_);
  ASSERT_EQ(acknowledged.status, 200) << acknowledged.body;
  EXPECT_TRUE(access::verify_receipt(acknowledged.text("receipt"), receipts_.public_key()));
  const JsonValue session = get(path(), technician_).json();
  const JsonValue::Array& items = *session.find("upload_items")->as_array();
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(TestAnswer::member_of(items[0], "sequence_number"), "1") << "in the exam's order";
  EXPECT_EQ(TestAnswer::member_of(items[0], "upload_status"), "ACK_RECEIVED");
}

TEST_F(SessionRoutesTest, TakesOnlyItsOwnImages) {
  ASSERT_EQ(create().status, 201);
  EXPECT_EQ(send(first_uuid_, first_).status, 409) << "never announced";
  ASSERT_EQ(post("/api/v1/radiology/offline-images/upload-metadata/",
                 R"({"image_uuid":")" + first_uuid_ + R"(","radiology_order_id":7,"file_size":)" +
                     std::to_string(first_.size()) + R"(,"checksum":")" +
                     sha256(as_bytes(first_)).hex() + "\"}",
                 technician_)
                .status,
            201);
  EXPECT_EQ(send(first_uuid_, first_).text("code"), "metadata_missing") << "not in this session";
  EXPECT_EQ(announce(second_uuid_, second_, 1, R"(,"radiology_order_id":8)").status, 409);
}

TEST_F(SessionRoutesTest, IsListedByItsOrderAlone) {
  ASSERT_EQ(create().status, 201);
  const auto count = [&](const std::string& query) {
    const JsonValue list = get(std::string(kSessions) + query, technician_).json();
    return list.as_array() == nullptr ? -1 : static_cast<int>(list.as_array()->size());
  };
  EXPECT_EQ(count(""), 1);
  EXPECT_EQ(count("?radiology_order_id=7"), 1);
  EXPECT_EQ(count("?radiology_request_id=7"), 0);
}

}  // namespace
}  // namespace pacs::rest
