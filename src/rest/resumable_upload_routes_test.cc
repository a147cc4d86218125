#include "rest/tus_fields.h"
#include "tests/support/rest_fixture.h"

namespace pacs::rest {
namespace {

constexpr std::string_view kUploads = "/api/v1/radiology/uploads/";

class ResumableUploadRoutesTest : public RestTest {
 protected:
  TestAnswer tus(http::Method method, const std::string& target, http::Headers headers,
                 const std::string& body = "", const std::string& token = "") {
    headers.add("Tus-Resumable", "1.0.0");
    return ask({.method = method,
                .target = target,
                .body = body,
                .content_type = std::string(kTusPieceType),
                .token = token.empty() ? technician_ : token,
                .headers = std::move(headers)});
  }
  TestAnswer begin(size_t size, const std::string& metadata = "", const std::string& body = "") {
    http::Headers headers{{"Upload-Length", std::to_string(size)}};
    if (!metadata.empty()) headers.add("Upload-Metadata", metadata);
    return tus(http::Method::post, std::string(kUploads), std::move(headers), body);
  }
  TestAnswer patch(const std::string& target, size_t offset, const std::string& body,
                   http::Headers headers = {}) {
    headers.add("Upload-Offset", std::to_string(offset));
    headers.add("Content-Type", kTusPieceType);
    return tus(http::Method::patch, target, std::move(headers), body);
  }
  TestAnswer head(const std::string& target) { return tus(http::Method::head, target, {}); }

  static std::string pair(const std::string& key, const std::string& value) {
    return key + " " + to_base64(as_bytes(value));
  }

  const std::string content_ = ct("1.2", "1.2.3", "1.2.3.4");
};

TEST_F(ResumableUploadRoutesTest, WalksFromCreationToTheStoredImage) {
  const std::string metadata =
      pair("filename", "chest.dcm") + "," + pair("radiology_order_id", "7");
  const TestAnswer begun = begin(content_.size(), metadata);
  ASSERT_EQ(begun.status, 201) << begun.body;
  EXPECT_EQ(begun.field("Tus-Resumable"), "1.0.0");
  EXPECT_NE(begun.field("Upload-Expires"), "(none)");
  const std::string target = target_of(begun.field("Location"));

  const TestAnswer first = patch(target, 0, content_.substr(0, 100));
  ASSERT_EQ(first.status, 204) << first.body;
  EXPECT_EQ(first.field("Upload-Offset"), "100");
  const TestAnswer between = head(target);
  EXPECT_EQ(between.status, 200);
  EXPECT_EQ(between.field("Upload-Offset"), "100");
  EXPECT_EQ(between.field("Upload-Length"), std::to_string(content_.size()));
  EXPECT_EQ(between.field("Upload-Metadata"), metadata);
  EXPECT_EQ(between.field("Cache-Control"), "no-store");
  EXPECT_EQ(get(target, technician_).text("status"), "UPLOADING");

  const TestAnswer last = patch(target, 100, content_.substr(100));
  ASSERT_EQ(last.status, 204) << last.body;
  EXPECT_EQ(last.field("Upload-Offset"), std::to_string(content_.size()));
  EXPECT_EQ(last.field("Upload-Expires"), "(none)");
  const TestAnswer outcome = get(target, technician_);
  EXPECT_EQ(outcome.text("status"), "STORED");
  const JsonValue image = *outcome.json().find("image");
  EXPECT_EQ(TestAnswer::member_of(image, "file_key"), "radiology/1.2/1.2.3/1.2.3.4/chest.dcm");
  EXPECT_EQ(TestAnswer::member_of(image, "radiology_order_id"), "7");
  const auto receipt = access::verify_receipt(outcome.text("receipt"), receipts_.public_key());
  ASSERT_TRUE(receipt) << outcome.body;
  EXPECT_EQ(receipt->sha256, sha256(as_bytes(content_)));
}

TEST_F(ResumableUploadRoutesTest, TakesTheFirstBytesWithTheCreation) {
  const TestAnswer whole = begin(content_.size(), "", content_);
  ASSERT_EQ(whole.status, 201) << whole.body;
  EXPECT_EQ(whole.field("Upload-Offset"), std::to_string(content_.size()));
  EXPECT_EQ(whole.text("status"), "STORED");
  const TestAnswer refused = begin(content_.size(), "", std::string(content_.size(), 'x'));
  EXPECT_EQ(refused.status, 415) << refused.body;
}

TEST_F(ResumableUploadRoutesTest, RefusesWhatTheProtocolForbids) {
  const std::string target = target_of(begin(content_.size()).field("Location"));
  const TestAnswer no_version = ask({.method = http::Method::post,
                                     .target = std::string(kUploads),
                                     .token = technician_,
                                     .headers = {{"Upload-Length", "5"}}});
  EXPECT_EQ(no_version.status, 412);
  EXPECT_EQ(no_version.field("Tus-Version"), "1.0.0");
  EXPECT_EQ(patch(target, 5, "x").status, 409);
  EXPECT_EQ(tus(http::Method::patch, target, {}, "x").status, 400) << "without an offset";
  const TestAnswer wrong_type =
      ask({.method = http::Method::patch,
           .target = target,
           .body = "x",
           .content_type = "application/octet-stream",
           .token = technician_,
           .headers = {{"Tus-Resumable", "1.0.0"}, {"Upload-Offset", "0"}}});
  EXPECT_EQ(wrong_type.status, 415);
  EXPECT_EQ(patch(target, 0, "x", {{"Upload-Checksum", "md5 AAAA"}}).status, 400);
  const std::string wrong = "sha1 " + to_base64(as_bytes("01234567890123456789"));
  EXPECT_EQ(patch(target, 0, "x", {{"Upload-Checksum", wrong}}).status, 460);
  EXPECT_EQ(begin(1024 * 1024 + 1).status, 413);
  EXPECT_EQ(begin(0).status, 422);
  EXPECT_EQ(head(target).field("Upload-Offset"), "0");
}

TEST_F(ResumableUploadRoutesTest, RefusesMalformedMetadata) {
  for (const std::string& metadata :
       {std::string("filename ***"), std::string("a YQ==,a YQ=="), std::string(",a YQ=="),
        std::string(" , "), std::string("filename //8="), pair("image_uuid", "17"),
        pair("study_uid", "../x"), pair("file_size", "3")}) {
    const int status = begin(content_.size(), metadata).status;
    EXPECT_TRUE(status == 400 || status == 422) << metadata << ": " << status;
  }
  EXPECT_EQ(begin(content_.size(), "is_confidential," + pair("filename", "ä b.dcm")).status, 201);
}

TEST_F(ResumableUploadRoutesTest, KeepsUploadsFromOthers) {
  const std::string target = target_of(begin(content_.size()).field("Location"));
  EXPECT_EQ(tus(http::Method::head, target, {}, "", uploader_).status, 404);
  EXPECT_EQ(tus(http::Method::head, target, {}, "", admin_).status, 404);
  EXPECT_EQ(tus(http::Method::delete_, target, {}, "", uploader_).status, 404);
  EXPECT_EQ(tus(http::Method::head, target, {}, "", reader_).status, 403);
  EXPECT_EQ(tus(http::Method::delete_, target, {}).status, 204);
  EXPECT_EQ(head(target).status, 404);
}

TEST_F(ResumableUploadRoutesTest, TellsWhatBecameOfARefusedOne) {
  ASSERT_EQ(store(content_).status, 201);
  const std::string other = ct("1.2", "1.2.3", "1.2.3.4", "P1 again");
  const std::string target = target_of(begin(other.size()).field("Location"));
  const TestAnswer refused = patch(target, 0, other);
  EXPECT_EQ(refused.status, 422) << "409 would make a tus client send it for ever";
  EXPECT_EQ(refused.text("code"), "uid_conflict");
  EXPECT_EQ(patch(target, 0, other).text("code"), "uid_conflict") << "again";
  EXPECT_EQ(head(target).status, 410);
  EXPECT_EQ(get(target, technician_).text("status"), "FAILED");
  EXPECT_EQ(get(target, technician_).text("error_code"), "uid_conflict");
}

TEST_F(ResumableUploadRoutesTest, TellsItsAbilitiesToAnybody) {
  const TestAnswer abilities =
      ask({.method = http::Method::options, .target = std::string(kUploads)});
  EXPECT_EQ(abilities.status, 200);
  EXPECT_EQ(abilities.field("Tus-Version"), "1.0.0");
  EXPECT_EQ(abilities.field("Tus-Extension"), kTusExtensions);
  EXPECT_EQ(abilities.field("Tus-Max-Size"), "1048576");
  EXPECT_EQ(abilities.field("Tus-Checksum-Algorithm"), "sha256,sha1");
}

TEST_F(ResumableUploadRoutesTest, TakesAnOverriddenMethod) {
  const std::string target = target_of(begin(content_.size()).field("Location"));
  const TestAnswer sent =
      tus(http::Method::post, target, {{"X-HTTP-Method-Override", "PATCH"}, {"Upload-Offset", "0"}},
          content_);
  EXPECT_EQ(sent.status, 204) << sent.body;
  EXPECT_EQ(tus(http::Method::post, target, {{"X-HTTP-Method-Override", "DELETE"}}).status, 204);
  EXPECT_EQ(tus(http::Method::post, target, {}).status, 405);
}

}  // namespace
}  // namespace pacs::rest
