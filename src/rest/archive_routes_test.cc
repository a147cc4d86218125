#include "tests/support/rest_fixture.h"

namespace pacs::rest {
namespace {

constexpr std::string_view kArchive = "/api/v1/archive/";

class ArchiveRoutesTest : public RestTest {
 protected:
  static std::string api(std::string_view path) {
    return std::string(kArchive) + std::string(path);
  }
};

TEST_F(ArchiveRoutesTest, ShowsTheKeyToAnybodyAndMoreToWhoMaySeeIt) {
  const TestAnswer anybody = ask({.target = "/api/v1/archive"});
  EXPECT_EQ(anybody.status, 200);
  EXPECT_EQ(anybody.text("archive_id"), "archive-1");
  EXPECT_EQ(anybody.text("receipt_public_key"), receipts_.public_key_text());
  EXPECT_EQ(anybody.text("version"), "(absent)");
  EXPECT_EQ(get(api(""), uploader_).text("version"), "1.2.3");
  EXPECT_EQ(get(api(""), reader_).text("totals"), "(absent)");
  EXPECT_NE(get(api(""), admin_).text("totals"), "(absent)");
  EXPECT_EQ(get(api(""), "pl_wrong").status, 401);
}

TEST_F(ArchiveRoutesTest, MakesListsAndRevokesTokens) {
  const TestAnswer created =
      post(api("tokens/"), R"({"name":"ward 3","roles":["reader"],"expires_in":60})", admin_);
  ASSERT_EQ(created.status, 201) << created.body;
  const std::string secret = created.text("token");
  EXPECT_EQ(created.text("roles"), R"(["reader"])");
  EXPECT_EQ(get("/api/v1/radiology/studies/", secret).status, 200);
  EXPECT_EQ(get(api("tokens/"), admin_).body.find(secret), std::string::npos);
  EXPECT_EQ(get(api("tokens/"), reader_).status, 403);
  const TestAnswer revoked = remove(api("tokens/") + created.text("id") + "/", admin_);
  EXPECT_EQ(revoked.text("status"), "revoked");
  EXPECT_EQ(get("/api/v1/radiology/studies/", secret).status, 401);
  EXPECT_EQ(remove(api("tokens/4711/"), admin_).status, 404);
  EXPECT_EQ(remove(api("tokens/x/"), admin_).status, 404);
}

TEST_F(ArchiveRoutesTest, RefusesTokensThatMakeNoSense) {
  for (const char* body :
       {"{}", R"({"name":"x"})", R"({"name":"x","roles":[]})", R"({"name":"x","roles":"root"})",
        R"({"name":"x","roles":7})", R"({"name":"x","roles":[1]})", R"({"roles":["reader"]})",
        R"({"name":"x","roles":["reader"],"expires_in":0})",
        R"({"name":"x\n","roles":["reader"]})"}) {
    EXPECT_EQ(post(api("tokens/"), body, admin_).status, 400) << body;
  }
}

TEST_F(ArchiveRoutesTest, KeepsTheIdsOfAnImport) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const std::string record =
      R"({"id":812,"series_id":31,"study_id":7,"radiology_request_id":44,"filename":"old.dcm",)"
      R"("checksum":")" +
      sha256(as_bytes(content)).hex() + R"(","uploaded_by_name":"Dr. Old"})";
  EXPECT_EQ(post_form(api("import/"), {{"record", record}}, "x", content, technician_).status, 403);
  const TestAnswer imported = post_form(api("import/"), {{"record", record}}, "x", content, admin_);
  ASSERT_EQ(imported.status, 201) << imported.body;
  EXPECT_EQ(imported.text("id"), "812");
  EXPECT_EQ(imported.text("study_id"), "7");
  EXPECT_EQ(imported.text("series_id"), "31");
  EXPECT_EQ(imported.text("uploaded_by_name"), "Dr. Old");
  const TestAnswer study = get("/api/v1/radiology/studies/7/", reader_);
  EXPECT_EQ(study.text("study_uid"), "1.2");
  EXPECT_EQ(study.text("radiology_request_id"), "44");
  EXPECT_EQ(post_form(api("import/"), {{"record", record}}, "x", content, admin_).status, 200);
}

TEST_F(ArchiveRoutesTest, KeepsTheKeyOfAnImportThatNamesTheImageOfTheBytes) {
  const struct {
    const char* image_uid;
    const char* key;
    const char* stored_under;
  } cases[] = {
      {"1.2.3.4", "radiology/1.2/1.2.3/1.2.3.4/photo_Ab1xY.dcm",
       "radiology/1.2/1.2.3/1.2.3.4/photo_Ab1xY.dcm"},
      {"1.2.3.5", "radiology/1.2/1.2.3/1.2.3.4/photo_Ab1xY.dcm",
       "radiology/1.2/1.2.3/1.2.3.5/photo.dcm"},
      {"1.2.3.6", "radiology/9.9/1.2.3/1.2.3.6/photo_Ab1xY.dcm",
       "radiology/1.2/1.2.3/1.2.3.6/photo.dcm"},
  };
  for (const auto& example : cases) {
    const std::string record =
        std::string(R"({"filename":"photo.dcm","file_key":")") + example.key + "\"}";
    const TestAnswer imported = post_form(api("import/"), {{"record", record}}, "x",
                                          ct("1.2", "1.2.3", example.image_uid), admin_);
    ASSERT_EQ(imported.status, 201) << imported.body;
    EXPECT_EQ(imported.text("file_key"), example.stored_under);
  }
}

TEST_F(ArchiveRoutesTest, AdoptsWhatLiesUnderItsKey) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const ObjectKey key = *ObjectKey::parse("radiology/1.2/1.2.3/1.2.3.4/kept name.dcm");
  auto staged = stores_.primary().stage().value();
  ASSERT_TRUE(staged->append(as_bytes(content)));
  ASSERT_TRUE(stores_.primary().publish(std::move(staged), key, {}));
  const TestAnswer adopted =
      post(api("import/"), R"({"file_key":")" + key.str() + R"(","id":5})", admin_);
  ASSERT_EQ(adopted.status, 201) << adopted.body;
  EXPECT_EQ(adopted.text("file_key"), key.str());
  EXPECT_EQ(adopted.text("id"), "5");
  EXPECT_EQ(post(api("import/"), R"({"file_key":"radiology/1/2/3/x"})", admin_).status, 404);
  EXPECT_EQ(post(api("import/"), R"({"file_key":"../../etc/passwd"})", admin_).status, 400);
  EXPECT_EQ(post(api("import/"), "{}", admin_).status, 400);
}

TEST_F(ArchiveRoutesTest, TellsItsHealthAndItsFiguresToWhoMayKnow) {
  EXPECT_EQ(ask({.target = "/healthz"}).status, 200);
  EXPECT_EQ(ask({.target = "/readyz"}).text("status"), "ready");
  ASSERT_EQ(store(ct("1.2", "1.2.1", "1.2.1.1")).status, 201);
  ASSERT_EQ(store("not an image").status, 415);
  EXPECT_EQ(get("/metrics", reader_).status, 403);
  const TestAnswer metrics = get("/metrics", make_token("metrics"));
  EXPECT_EQ(metrics.status, 200);
  EXPECT_NE(metrics.body.find("pacs_lite_images_stored_total 1"), std::string::npos);
  EXPECT_NE(metrics.body.find("pacs_lite_uploads_refused_total{reason=\"unsupported_media\"} 1"),
            std::string::npos)
      << metrics.body;
  EXPECT_NE(metrics.body.find("pacs_lite_http_request_seconds_bucket"), std::string::npos);
}

TEST_F(ArchiveRoutesTest, StoresInOneStepWithAReceipt) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const TestAnswer stored = store(content, "?radiology_order_id=3&filename=a.dcm");
  ASSERT_EQ(stored.status, 201) << stored.body;
  EXPECT_EQ(stored.text("radiology_order_id"), "3");
  const auto receipt = access::verify_receipt(stored.text("receipt"), receipts_.public_key());
  ASSERT_TRUE(receipt) << stored.body;
  EXPECT_EQ(receipt->file_key.str(), "radiology/1.2/1.2.3/1.2.3.4/a.dcm");
  clock_.advance(std::chrono::hours(1));
  const TestAnswer again = store(content, "?radiology_order_id=3&filename=a.dcm");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, stored.body) << "the same acknowledgement";
  EXPECT_EQ(store(ct("1.2", "1.2.3", "1.2.3.4", "P2")).status, 409) << "other bytes";

  const TestAnswer form = post_form("/api/v1/radiology/images/",
                                    {{"radiology_order_id", "3"},
                                     {"study_uid", "1.2"},
                                     {"series_number", "9"},
                                     {"checksum", std::string(64, '0')}},
                                    "../../x.pdf", "%PDF-1.4 x", technician_);
  EXPECT_EQ(form.status, 422);
  const TestAnswer pdf =
      post_form("/api/v1/radiology/images/", {{"radiology_order_id", "3"}, {"study_uid", "1.2"}},
                "../../x.pdf", "%PDF-1.4 x", technician_);
  ASSERT_EQ(pdf.status, 201) << pdf.body;
  EXPECT_EQ(pdf.text("filename").find('/'), std::string::npos);
  EXPECT_EQ(post("/api/v1/radiology/images/", "{}", technician_).status, 415);
}

}  // namespace
}  // namespace pacs::rest
