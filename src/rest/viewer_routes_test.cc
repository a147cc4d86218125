#include "tests/support/rest_fixture.h"

namespace pacs::rest {
namespace {

class ViewerRoutesTest : public RestTest {
 protected:
  explicit ViewerRoutesTest(const RestSettings& settings = test_settings()) : RestTest(settings) {}

  // The built-in page by the secret of a link.
  std::string viewer_url(const std::string& study, const std::string& query = "") {
    const TestAnswer answer =
        get("/api/v1/radiology/studies/" + study + "/viewer-url/" + query, reader_);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return "/ui/studies/" + study + "/?token=" + answer.text("token");
  }
  TestAnswer open(const std::string& url) { return ask({.target = url}); }

  static std::string hostile(const std::string& study) {
    return testing::DicomBuilder::ct_slice(study, study + ".1", study + ".1.1")
        .text(dicom::tags::kPatientId, dicom::Vr::LO, "P1")
        .text(dicom::tags::kPatientName, dicom::Vr::PN, "<script>alert(1)</script>^Eve")
        .text(dicom::tags::kStudyDescription, dicom::Vr::LO, "\"><img src=x onerror=alert(2)>")
        .build();
  }
};

TEST_F(ViewerRoutesTest, OpensTheOneStudyUntilItExpires) {
  ASSERT_EQ(store(ct("1.2", "1.2.1", "1.2.1.1")).status, 201);
  ASSERT_EQ(store(ct("1.3", "1.3.1", "1.3.1.1", "P2")).status, 201);
  const std::string url = viewer_url("1.2", "?expires_in=60");
  const TestAnswer page = open(url);
  ASSERT_EQ(page.status, 200) << page.body;
  EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.field("Cache-Control"), "no-store");
  EXPECT_EQ(page.field("Referrer-Policy"), "no-referrer");
  const std::string policy = page.field("Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(policy.find("frame-ancestors 'self'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);

  std::string other = url;
  other.replace(other.find("1.2"), 3, "1.3");
  EXPECT_EQ(open(other).status, 404) << "nothing else";
  std::string forged = url;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(open(forged).status, 401);
  EXPECT_EQ(open(url.substr(0, url.find('?'))).status, 401);
  EXPECT_EQ(open(forged).field("Content-Type"), "text/html; charset=utf-8");
  clock_.advance(std::chrono::seconds(61));
  EXPECT_EQ(open(url).status, 401);
}

TEST_F(ViewerRoutesTest, GivesTheTokenNoOtherRight) {
  ASSERT_EQ(store(ct("1.2", "1.2.1", "1.2.1.1")).status, 201);
  ASSERT_EQ(store(ct("1.3", "1.3.1", "1.3.1.1", "P2")).status, 201);
  const std::string url = viewer_url("1.2");
  const std::string token = url.substr(url.find("token=") + 6);
  const std::string api = "/api/v1/radiology/";
  EXPECT_EQ(get(api + "studies/1.2/", token).status, 200) << "a viewer reads with it";
  EXPECT_EQ(get(api + "studies/1.3/", token).status, 404);
  EXPECT_EQ(get(api + "images/1.3.1.1/", token).status, 404);
  EXPECT_EQ(get(api + "studies/", token).text("count"), "1");
  EXPECT_EQ(get(api + "studies/1.2/viewer-url/", token).status, 403);
  EXPECT_EQ(get(api + "offline-images/", token).status, 403);
  EXPECT_EQ(remove(api + "studies/1.2/", token).status, 403);
  EXPECT_EQ(get("/metrics", token).status, 403);
  EXPECT_EQ(get("/api/v1/archive/tokens/", token).status, 403);
  EXPECT_EQ(ask({.target = api + "studies/1.2/?token=" + token}).status, 401)
      << "only our pages take it from the address";
  EXPECT_EQ(ask({.target = "/ui/studies/1.2/?token=" + reader_}).status, 401)
      << "an ordinary token does not belong in an address";
}

TEST_F(ViewerRoutesTest, ShowsWhatOthersWroteAsTextAlone) {
  ASSERT_EQ(store(hostile("1.2"), "?filename=%3Csvg%20onload%3Dalert(3)%3E.dcm").status, 201);
  const TestAnswer page = open(viewer_url("1.2"));
  ASSERT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_EQ(page.body.find("<img src=x"), std::string::npos);
  EXPECT_EQ(page.body.find("<svg"), std::string::npos);
  EXPECT_NE(page.body.find("&lt;script&gt;alert(1)&lt;/script&gt;"), std::string::npos);
}

TEST_F(ViewerRoutesTest, ListsDicomWithAttributesAndADownload) {
  ASSERT_EQ(store(ct("1.2", "1.2.1", "1.2.1.1")).status, 201);
  const std::string url = viewer_url("1.2");
  const std::string token = url.substr(url.find("token=") + 6);
  const TestAnswer page = open(url);
  EXPECT_NE(page.body.find("SOPInstanceUID"), std::string::npos) << page.body;
  const std::string id = get("/api/v1/radiology/images/1.2.1.1/", reader_).text("id");
  const std::string image = "/ui/studies/1.2/images/" + id + "/";
  EXPECT_NE(page.body.find(image + "file/?download=1&amp;token=" + token), std::string::npos);
  const TestAnswer file = ask({.target = image + "file/?download=1&token=" + token});
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.body, ct("1.2", "1.2.1", "1.2.1.1"));
  EXPECT_TRUE(file.field("Content-Disposition").starts_with("attachment"));
  const TestAnswer attributes = ask({.target = image + "?token=" + token});
  EXPECT_EQ(attributes.status, 200);
  EXPECT_NE(attributes.body.find("(0020,000D)"), std::string::npos);
  EXPECT_EQ(ask({.target = "/ui/studies/1.2/images/4711/?token=" + token}).status, 404);
}

TEST_F(ViewerRoutesTest, ShowsDocumentsWithinThePage) {
  const TestAnswer stored = ask({.method = http::Method::post,
                                 .target = "/api/v1/radiology/images/?study_uid=1.2",
                                 .body = "%PDF-1.4 a report",
                                 .content_type = "application/pdf",
                                 .token = technician_});
  ASSERT_EQ(stored.status, 201) << stored.body;
  const std::string url = viewer_url("1.2");
  const std::string page = open(url).body;
  const size_t object = page.find("<object data=\"");
  ASSERT_NE(object, std::string::npos) << page;
  std::string file = page.substr(object + 14, page.find('"', object + 14) - object - 14);
  const TestAnswer shown = ask({.target = file});
  EXPECT_EQ(shown.status, 200);
  EXPECT_TRUE(shown.field("Content-Disposition").starts_with("inline"));
  const TestAnswer linked = ask(
      {.target = target_of(get("/api/v1/radiology/images/" + stored.text("id") + "/url/", reader_)
                               .text("image_url"))});
  EXPECT_TRUE(linked.field("Content-Disposition").starts_with("attachment"))
      << "outside our page a document is never run";
}

TEST_F(ViewerRoutesTest, CountsTheReadsOfALinkInTheAuditLog) {
  ASSERT_EQ(store(ct("1.2", "1.2.1", "1.2.1.1")).status, 201);
  const std::string url = viewer_url("1.2");
  open(url);
  open(url);
  ASSERT_TRUE(audit_.flush());
  const TestAnswer log = get("/api/v1/archive/audit/?action=study.read", admin_);
  const JsonValue lines = log.json();
  ASSERT_EQ(lines.as_array()->size(), 1U) << "one a minute: " << log.body;
  EXPECT_TRUE(TestAnswer::member_of(lines.as_array()->front(), "actor").starts_with("link:"));
  EXPECT_EQ(TestAnswer::member_of(lines.as_array()->front(), "study_uid"), "1.2");
}

class OhifTest : public ViewerRoutesTest {
 protected:
  static RestSettings ohif_settings() {
    RestSettings settings = test_settings();
    settings.ohif_url = "https://viewer.example/viewer";
    return settings;
  }
  OhifTest() : ViewerRoutesTest(ohif_settings()) {}
};

TEST_F(OhifTest, PointsToTheOperatorsViewer) {
  ASSERT_EQ(store(ct("1.2", "1.2.1", "1.2.1.1")).status, 201);
  const std::string url =
      get("/api/v1/radiology/studies/1.2/viewer-url/", reader_).text("viewer_url");
  EXPECT_TRUE(url.starts_with("https://viewer.example/viewer?StudyInstanceUIDs=1.2&token=pls_"))
      << url;
}

}  // namespace
}  // namespace pacs::rest
