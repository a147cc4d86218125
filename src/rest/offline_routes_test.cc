#include "tests/support/rest_fixture.h"

namespace pacs::rest {
namespace {

constexpr std::string_view kUuid = "550e8400-e29b-41d4-a716-446655440000";
constexpr std::string_view kOffline = "/api/v1/radiology/offline-images/";

class OfflineRoutesTest : public RestTest {
 protected:
  static std::string announcement(const std::string& content, const std::string& extra = "") {
    return R"({"image_uuid":")" + std::string(kUuid) +
           R"(","radiology_order_id":12,"filename":"chest.dcm","file_size":)" +
           std::to_string(content.size()) + R"(,"mime_type":"","checksum":")" +
           sha256(as_bytes(content)).hex() + "\"" + extra + "}";
  }
  TestAnswer announce(const std::string& content, const std::string& extra = "") {
    return post(std::string(kOffline) + "upload-metadata/", announcement(content, extra),
                technician_);
  }
  TestAnswer send(const std::string& content) {
    return post_form(std::string(kOffline) + "upload-binary/", {{"image_uuid", std::string(kUuid)}},
                     "chest.dcm", content, technician_);
  }
  TestAnswer acknowledge() {
    return post(std::string(kOffline) + "acknowledge/",
                R"({"image_uuid":")" + std::string(kUuid) + "\"}", technician_);
  }
  TestAnswer record() { return get(std::string(kOffline) + std::string(kUuid) + "/", technician_); }

  const std::string content_ = ct("1.2", "1.2.3", "1.2.3.4");
};

TEST_F(OfflineRoutesTest, WalksFromMetadataOverBytesToTheReceipt) {
  const TestAnswer announced = announce(content_, R"(,"image_metadata":{"modality":"CT","x":1})");
  ASSERT_EQ(announced.status, 201) << announced.body;
  EXPECT_EQ(announced.text("status"), "METADATA_UPLOADED");
  EXPECT_EQ(announced.text("radiology_order_id"), "12");
  EXPECT_EQ(announced.text("radiology_request_id"), "null");
  EXPECT_EQ(announced.text("image_metadata"), R"({"modality":"CT","x":1})") << "word for word";
  EXPECT_EQ(announced.text("binary_uploaded_at"), "null");

  const TestAnswer sent = send(content_);
  ASSERT_EQ(sent.status, 201) << sent.body;
  EXPECT_EQ(sent.text("image_uid"), "1.2.3.4");
  EXPECT_EQ(sent.text("image_uuid"), kUuid);
  EXPECT_EQ(sent.text("file_key"), "radiology/1.2/1.2.3/1.2.3.4/chest.dcm");
  EXPECT_EQ(sent.text("checksum"), sha256(as_bytes(content_)).hex());
  EXPECT_EQ(sent.text("uploaded_by_name"), "test reader,uploader");

  const TestAnswer acknowledged = acknowledge();
  ASSERT_EQ(acknowledged.status, 200) << acknowledged.body;
  EXPECT_EQ(acknowledged.text("status"), "ACK_RECEIVED");
  const std::string receipt = acknowledged.text("receipt");
  const auto verified = access::verify_receipt(receipt, receipts_.public_key());
  ASSERT_TRUE(verified) << receipt;
  EXPECT_EQ(verified->image_uuid.str(), kUuid);
  EXPECT_EQ(verified->sha256, sha256(as_bytes(content_)));

  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(acknowledge().text("receipt"), receipt) << "kept and repeated word for word";
  EXPECT_EQ(record().text("receipt"), receipt);
}

TEST_F(OfflineRoutesTest, RepeatsEachStepWithoutAChange) {
  ASSERT_EQ(announce(content_).status, 201);
  const TestAnswer again = announce(content_);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.text("retry_count"), "0");
  const TestAnswer sent = send(content_);
  ASSERT_EQ(sent.status, 201);
  const TestAnswer sent_again = send(content_);
  EXPECT_EQ(sent_again.status, 200);
  EXPECT_EQ(sent_again.body, sent.body);
  ASSERT_EQ(acknowledge().status, 200);
  EXPECT_EQ(send(content_).body, sent.body) << "in any later state";
  EXPECT_EQ(record().text("status"), "ACK_RECEIVED");
}

TEST_F(OfflineRoutesTest, KeepsTheOrderOfTheSteps) {
  EXPECT_EQ(send(content_).status, 409);
  EXPECT_EQ(send(content_).text("code"), "metadata_missing");
  EXPECT_EQ(acknowledge().status, 409);
  ASSERT_EQ(announce(content_).status, 201);
  EXPECT_EQ(acknowledge().status, 409);
  EXPECT_EQ(acknowledge().text("code"), "bytes_missing");
}

TEST_F(OfflineRoutesTest, TakesAChangeBeforeTheBytesAndRefusesOneAfter) {
  ASSERT_EQ(announce("x").status, 201);
  const TestAnswer changed = announce(content_);
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.text("retry_count"), "1");
  ASSERT_EQ(send(content_).status, 201);
  const TestAnswer late = announce("x");
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(late.text("code"), "metadata_changed");
}

TEST_F(OfflineRoutesTest, FailsOnOtherBytesAndStoresNothing) {
  ASSERT_EQ(announce(content_).status, 201);
  std::string other = content_;
  other.back() = static_cast<char>(other.back() ^ 1);
  const TestAnswer wrong_hash = send(other);
  EXPECT_EQ(wrong_hash.status, 422);
  EXPECT_EQ(wrong_hash.text("code"), "checksum_mismatch");
  EXPECT_EQ(record().text("status"), "FAILED");
  EXPECT_EQ(record().text("error_code"), "checksum_mismatch");
  EXPECT_EQ(record().text("failure_reason"), wrong_hash.text("detail"));
  EXPECT_EQ(send(content_ + "x").text("code"), "size_mismatch");
  EXPECT_EQ(send("").status, 422) << "no bytes are the wrong bytes";
  EXPECT_EQ(send("not an image at all").status, 422);
  EXPECT_EQ(get("/api/v1/radiology/images/1.2.3.4/", technician_).status, 404);

  const TestAnswer retried =
      post("/api/v1/radiology/upload-sessions/" + std::string(kUuid) + "/retry/", "", technician_);
  EXPECT_EQ(retried.status, 200) << retried.body;
  EXPECT_EQ(retried.text("status"), "METADATA_UPLOADED");
  EXPECT_EQ(send(content_).status, 201);
}

TEST_F(OfflineRoutesTest, NamesTheFieldThatIsWrong) {
  struct Case {
    std::string body;
    std::string named;
  };
  const std::string uuid = R"("image_uuid":"550e8400-e29b-41d4-a716-446655440000")";
  const std::string rest = R"(,"file_size":3,"checksum":")" + std::string(64, 'a') + "\"";
  const std::string order = R"(,"radiology_order_id":1)";
  for (const auto& [body, named] : std::vector<Case>{
           {"{" + rest.substr(1) + order + "}", "image_uuid"},
           {R"({"image_uuid":"no-uuid")" + rest + order + "}", "image_uuid"},
           {R"({"image_uuid":7)" + rest + order + "}", "image_uuid"},
           {"{" + uuid + rest + "}", "radiology_order_id"},
           {"{" + uuid + rest + R"(,"radiology_order_id":0})", "radiology_order_id"},
           {"{" + uuid + rest + R"(,"radiology_order_id":"x"})", "radiology_order_id"},
           {"{" + uuid + rest + R"(,"radiology_order_id":1.5})", "radiology_order_id"},
           {"{" + uuid + rest + R"(,"radiology_order_id":1,"radiology_request_id":2})",
            "radiology_request_id"},
           {"{" + uuid + rest + order + R"(,"filename":7})", "filename"},
           {"{" + uuid + rest + order + R"(,"image_metadata":[]})", "image_metadata"},
           {"{" + uuid + rest + order + R"(,"image_metadata":{"study_uid":"1..2"}})", "study_uid"},
           {"{" + uuid + rest + order + R"(,"image_metadata":{"study_date":"2026-02-30"}})",
            "study_date"},
           {"{" + uuid + rest + order + R"(,"image_metadata":{"patient_name":["x"]}})",
            "patient_name"},
           {"{" + uuid + order + R"(,"file_size":3,"checksum":"abc"})", "checksum"},
           {"{" + uuid + order + R"(,"file_size":0,"checksum":"x"})", "file_size"},
           {"{" + uuid + order + R"(,"file_size":-3,"checksum":"x"})", "file_size"},
           {"{" + uuid + order + R"(,"file_size":"3","checksum":"x"})", "file_size"},
           {"{" + uuid + order + R"(,"checksum":"x"})", "file_size"},
           {"[]", "object"},
           {"{", "JSON"},
           {R"({"image_uuid":1,"image_uuid":2})", ""},
       }) {
    const TestAnswer answer = post(std::string(kOffline) + "upload-metadata/", body, technician_);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_NE(answer.text("detail").find(named), std::string::npos) << body << answer.body;
    EXPECT_EQ(answer.field("Content-Type"), "application/problem+json");
  }
}

TEST_F(OfflineRoutesTest, TakesAnOrderByEitherNameAsNumberOrText) {
  const auto with_order = [&](const std::string& order) {
    return post(std::string(kOffline) + "upload-metadata/",
                R"({"image_uuid":")" + Uuid::random(random_).str() + "\"," + order +
                    R"(,"file_size":3,"checksum":")" + std::string(64, 'a') + "\"}",
                technician_);
  };
  EXPECT_EQ(with_order(R"("radiology_order_id":"12")").text("radiology_order_id"), "12");
  EXPECT_EQ(with_order(R"("radiology_request_id":12)").text("radiology_request_id"), "12");
  EXPECT_EQ(with_order(R"("radiology_request_id":12)").text("radiology_order_id"), "null");
  EXPECT_EQ(with_order(R"("radiology_order":12,"radiology_order_id":12)").status, 201);
}

TEST_F(OfflineRoutesTest, WantsJsonWhereJsonIsAndAFormWhereAFormIs) {
  const TestAnswer form =
      post_form(std::string(kOffline) + "upload-metadata/", {}, "x", "x", technician_);
  EXPECT_EQ(form.status, 415);
  EXPECT_NE(form.text("detail").find("JSON"), std::string::npos);
  const TestAnswer json = post(std::string(kOffline) + "upload-binary/", "{}", technician_);
  EXPECT_EQ(json.status, 415);
  EXPECT_NE(json.text("detail").find("multipart/form-data"), std::string::npos);
}

TEST_F(OfflineRoutesTest, TakesTheUuidFromTheQueryWhenTheFileStandsFirst) {
  ASSERT_EQ(announce(content_).status, 201);
  const std::string form =
      "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" + content_ +
      "\r\n--B\r\nContent-Disposition: form-data; name=\"image_uuid\"\r\n\r\n" +
      std::string(kUuid) + "\r\n--B--\r\n";
  const auto send_form = [&](const std::string& query) {
    return ask({.method = http::Method::post,
                .target = std::string(kOffline) + "upload-binary/" + query,
                .body = form,
                .content_type = "multipart/form-data; boundary=B",
                .token = technician_});
  };
  const TestAnswer refused = send_form("");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.text("detail").find("before the file"), std::string::npos) << refused.body;
  EXPECT_EQ(record().text("status"), "METADATA_UPLOADED") << "nothing was tried";
  const TestAnswer late = send_form("?image_uuid=" + std::string(kUuid));
  EXPECT_EQ(late.status, 400) << "two places for one field are one too many: " << late.body;
}

TEST_F(OfflineRoutesTest, RefusesAFormWithTwoFilesOrWithoutItsEnd) {
  ASSERT_EQ(announce(content_).status, 201);
  const std::string start =
      "--B\r\nContent-Disposition: form-data; name=\"image_uuid\"\r\n\r\n" + std::string(kUuid) +
      "\r\n--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" +
      content_ + "\r\n";
  const auto send_form = [&](const std::string& form) {
    return ask({.method = http::Method::post,
                .target = std::string(kOffline) + "upload-binary/",
                .body = form,
                .content_type = "multipart/form-data; boundary=B",
                .token = technician_});
  };
  EXPECT_EQ(send_form(start).status, 400) << "cut before the closing boundary";
  EXPECT_EQ(send_form(start + "--B\r\nContent-Disposition: form-data; name=\"file\"; "
                              "filename=\"b\"\r\n\r\nx\r\n--B--\r\n")
                .status,
            400);
  EXPECT_EQ(get("/api/v1/radiology/images/1.2.3.4/", technician_).status, 404)
      << "nothing may be stored before the form has ended well";
  EXPECT_EQ(send_form(start + "--B--\r\n").status, 201);
}

TEST_F(OfflineRoutesTest, KeepsTheUploadsOfOthersApart) {
  ASSERT_EQ(announce(content_).status, 201);
  const std::string other = make_token("uploader");
  EXPECT_EQ(get(std::string(kOffline) + std::string(kUuid) + "/", other).status, 404);
  EXPECT_EQ(get(std::string(kOffline), other).body, "[]");
  EXPECT_EQ(get(std::string(kOffline) + std::string(kUuid) + "/", admin_).status, 200);
  EXPECT_EQ(post(std::string(kOffline) + "upload-metadata/", announcement("other"), other).status,
            201)
      << "a UUID belongs to who announced it";
  EXPECT_EQ(record().text("file_size"), std::to_string(content_.size()));
}

TEST_F(OfflineRoutesTest, NotesWhoLooksAtTheUploadsOfOthers) {
  ASSERT_EQ(announce(content_).status, 201);
  ASSERT_EQ(record().status, 200);
  ASSERT_TRUE(audit_.flush());
  const std::string log = "/api/v1/archive/audit/?action=upload.read";
  EXPECT_EQ(get(log, admin_).body, "[]") << "nobody is noted for their own";
  ASSERT_EQ(get(std::string(kOffline), admin_).status, 200);
  ASSERT_TRUE(audit_.flush());
  EXPECT_EQ(get(log, admin_).json().as_array()->size(), 1U);
}

TEST_F(OfflineRoutesTest, GivesTwoAnnouncementsOfOneInstanceAReceiptEach) {
  ASSERT_EQ(announce(content_).status, 201);
  ASSERT_EQ(send(content_).status, 201);
  const std::string second = "650e8400-e29b-41d4-a716-446655440001";
  std::string other = announcement(content_);
  other.replace(other.find(kUuid), kUuid.size(), second);
  ASSERT_EQ(post(std::string(kOffline) + "upload-metadata/", other, technician_).status, 201);
  const TestAnswer sent = post_form(std::string(kOffline) + "upload-binary/",
                                    {{"image_uuid", second}}, "b.dcm", content_, technician_);
  EXPECT_EQ(sent.status, 200) << sent.body;
  EXPECT_EQ(sent.text("file_key"), "radiology/1.2/1.2.3/1.2.3.4/chest.dcm") << "one object";
  const TestAnswer receipt = post(std::string(kOffline) + "acknowledge/",
                                  R"({"image_uuid":")" + second + "\"}", technician_);
  EXPECT_EQ(TestAnswer::member_of(*receipt.json().find("receipt"), "image_uuid"), second);
}

TEST_F(OfflineRoutesTest, ListsPendingOldestFirstAndFailedNewestFirst) {
  std::vector<std::string> uuids;
  for (int index = 0; index < 3; ++index) {
    uuids.push_back(Uuid::random(random_).str());
    std::string body = announcement(content_);
    body.replace(body.find(kUuid), kUuid.size(), uuids.back());
    if (index == 1) body.replace(body.find("radiology_order_id"), 18, "radiology_request_id");
    ASSERT_EQ(post(std::string(kOffline) + "upload-metadata/", body, technician_).status, 201);
    clock_.advance(std::chrono::seconds(1));
  }
  const auto listed = [&](const std::string& path) {
    std::vector<std::string> found;
    const TestAnswer answer = get("/api/v1/radiology/" + path, technician_);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const JsonValue list = answer.json();
    EXPECT_NE(list.as_array(), nullptr) << "bare";
    for (const JsonValue& entry : *list.as_array()) {
      const bool is_entry = path.starts_with("upload-sessions");
      found.push_back(TestAnswer::member_of(entry, is_entry ? "session_id" : "image_uuid"));
    }
    return found;
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(listed("offline-images/pending/"), (List{uuids[0], uuids[1], uuids[2]}));
  EXPECT_EQ(listed("upload-sessions/pending/"), (List{uuids[0], uuids[1], uuids[2]}));
  EXPECT_EQ(listed("offline-images/"), (List{uuids[2], uuids[1], uuids[0]}));
  EXPECT_EQ(listed("offline-images/pending/?radiology_request_id=12"), (List{uuids[1]}));
  EXPECT_EQ(listed("offline-images/pending/?radiology_order_id=12"), (List{uuids[0], uuids[2]}));
  EXPECT_EQ(listed("offline-images/pending/?radiology_order_id=13"), List{});
  for (const size_t index : {0, 2}) {
    post_form(std::string(kOffline) + "upload-binary/", {{"image_uuid", uuids[index]}}, "x",
              "wrong", technician_);
  }
  EXPECT_EQ(listed("offline-images/failed/"), (List{uuids[2], uuids[0]}));
  EXPECT_EQ(listed("upload-sessions/failed/?radiology_order_id=12"), (List{uuids[2], uuids[0]}));
  EXPECT_EQ(listed("offline-images/?limit=2"), (List{uuids[2], uuids[1]}));
  const TestAnswer first = get("/api/v1/radiology/offline-images/?limit=2", technician_);
  const std::string link = first.field("Link");
  ASSERT_NE(link.find("rel=\"next\""), std::string::npos);
  const std::string next = link.substr(1, link.find('>') - 1);
  EXPECT_EQ(listed(target_of(next).substr(std::string("/api/v1/radiology/").size())),
            (List{uuids[0]}));
}

}  // namespace
}  // namespace pacs::rest
