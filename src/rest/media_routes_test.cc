#include "tests/support/rest_fixture.h"

namespace pacs::rest {
namespace {

class MediaRoutesTest : public RestTest {
 protected:
  explicit MediaRoutesTest(const RestSettings& settings = test_settings()) : RestTest(settings) {}

  void SetUp() override {
    const TestAnswer stored = store(content_, "?filename=M%C3%BCller%20%2F%201.dcm");
    ASSERT_EQ(stored.status, 201) << stored.body;
    key_ = stored.text("file_key");
  }

  TestAnswer fetch(const std::string& target, const http::Headers& headers = {},
                   http::Method method = http::Method::get) {
    return ask({.method = method, .target = target, .headers = headers});
  }
  std::string link(const std::string& query = "") {
    return target_of(
        get("/api/v1/radiology/images/1.2.3.4/url/" + query, reader_).text("image_url"));
  }

  const std::string content_ = ct("1.2", "1.2.3", "1.2.3.4");
  std::string key_;
};

TEST_F(MediaRoutesTest, SendsTheBytesWithTheirFields) {
  const TestAnswer answer = fetch(link());
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, content_);
  EXPECT_EQ(answer.field("Content-Type"), "application/dicom");
  EXPECT_EQ(answer.field("Content-Length"), std::to_string(content_.size()));
  EXPECT_EQ(answer.field("ETag"), "\"" + sha256(as_bytes(content_)).hex() + "\"");
  EXPECT_EQ(answer.field("Accept-Ranges"), "bytes");
  EXPECT_EQ(answer.field("Cache-Control"), "private, immutable");
  EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
  EXPECT_TRUE(answer.field("Content-Disposition").starts_with("attachment;"));
}

TEST_F(MediaRoutesTest, AnswersHeadAndRangesAndConditions) {
  const std::string url = link();
  const TestAnswer head = fetch(url, {}, http::Method::head);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.field("Content-Length"), std::to_string(content_.size()));
  const TestAnswer range = fetch(url, {{"Range", "bytes=5-9"}});
  EXPECT_EQ(range.status, 206);
  EXPECT_EQ(range.body, content_.substr(5, 5));
  const std::string etag = head.field("ETag");
  EXPECT_EQ(fetch(url, {{"If-None-Match", etag}}).status, 304);
  EXPECT_EQ(fetch(url, {{"Range", "bytes=0-1"}, {"If-Range", "\"other\""}}).status, 200);
  EXPECT_EQ(fetch(url, {{"Range", "bytes=9999999-"}}).status, 416);
  const TestAnswer several = fetch(url, {{"Range", "bytes=0-1,400-402"}});
  EXPECT_EQ(several.status, 206);
  EXPECT_TRUE(several.field("Content-Type").starts_with("multipart/byteranges"));
}

TEST_F(MediaRoutesTest, RefusesEveryOtherSpellingOfALinkWithOneText) {
  const std::string url = link();
  const size_t question = url.find('?');
  const std::string path = url.substr(0, question);
  const std::string query = url.substr(question + 1);
  const std::string other_key = "/media/radiology/1.2/1.2.3/1.2.3.9/x.dcm?" + query;
  std::string forged = url;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  const TestAnswer first = fetch(path);
  EXPECT_EQ(first.status, 403);
  for (const std::string& bad :
       {forged, url + "&x=1", url + "&" + query, path + "?" + query + "&", other_key,
        "/media/" + std::string("..%2f..%2fetc%2fpasswd"), std::string("/media/nothing?a=b"),
        path + "%20?" + query, path + "/?" + query}) {
    const TestAnswer answer = fetch(bad);
    EXPECT_EQ(answer.status, 403) << bad;
    EXPECT_EQ(answer.text("detail"), first.text("detail")) << bad;
  }
  EXPECT_EQ(ask({.target = path, .token = admin_}).status, 403) << "a token is no signature";
}

TEST_F(MediaRoutesTest, ExpiresLinksAndKeepsOldOnesOverARotation) {
  const std::string url = link("?expires_in=60");
  clock_.advance(std::chrono::seconds(59));
  EXPECT_EQ(fetch(url).status, 200);
  ASSERT_EQ(post("/api/v1/archive/keys/rotate/", "{}", admin_).status, 200);
  EXPECT_EQ(fetch(url).status, 200);
  clock_.advance(std::chrono::seconds(2));
  EXPECT_EQ(fetch(url).status, 403);
  const std::string fresh = link();
  ASSERT_EQ(post("/api/v1/archive/keys/rotate/", R"({"drop_old":true})", admin_).status, 200);
  EXPECT_EQ(fetch(fresh).status, 403);
  EXPECT_EQ(get("/api/v1/radiology/images/1.2.3.4/url/?expires_in=604801", reader_).status, 400);
  EXPECT_EQ(get("/api/v1/radiology/images/1.2.3.4/url/?expires_in=0", reader_).status, 400);
}

TEST_F(MediaRoutesTest, ThumbnailsAndFilesHaveLinksOfTheirOwn) {
  const std::string small =
      thumbnail_url_.sign(*ObjectKey::parse(key_), clock_.now() + 60'000).value();
  const std::string whole = media_url_.sign(*ObjectKey::parse(key_), clock_.now() + 60'000).value();
  EXPECT_EQ(ask({.target = small}).status, 200);
  const auto swapped = [](std::string link, std::string_view from, std::string_view to) {
    return link.replace(link.find(from), from.size(), to);
  };
  EXPECT_EQ(ask({.target = swapped(small, kThumbnails, "/media/")}).status, 403)
      << "who may see a small picture may not fetch the image";
  EXPECT_EQ(ask({.target = swapped(whole, "/media/", kThumbnails)}).status, 403);
  EXPECT_EQ(ask({.target = small.substr(0, small.find('?'))}).status, 403);
  EXPECT_EQ(ask({.target = small.substr(0, small.find('?')), .token = admin_}).status, 403);

  const auto absent = ObjectKey::parse("radiology/1.9/1.9.1/1.9.1.1/a.dcm");
  EXPECT_EQ(ask({.target = thumbnail_url_.sign(*absent, clock_.now() + 60'000).value()}).status,
            404);
  clock_.advance(std::chrono::seconds(61));
  EXPECT_EQ(ask({.target = small}).status, 403) << "it expires";
}

TEST_F(MediaRoutesTest, GivesTheBytesOfAnImageByItsNumberOrUid) {
  const std::string target = "/api/v1/radiology/images/1.2.3.4/file/";
  const TestAnswer whole = get(target, reader_);
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.body, content_);
  EXPECT_EQ(whole.field("Content-Type"), "application/dicom");
  http::Headers range;
  range.set("Range", "bytes=1-3");
  EXPECT_EQ(ask({.target = target, .token = reader_, .headers = range}).body,
            content_.substr(1, 3));
  http::Headers condition;
  condition.set("If-None-Match", whole.field("ETag"));
  EXPECT_EQ(ask({.target = target, .token = reader_, .headers = condition}).status, 304);
  EXPECT_EQ(get(target + "?redirect=never", reader_).body, content_);
  EXPECT_EQ(get(target + "?redirect=perhaps", reader_).status, 400);
  EXPECT_EQ(get("/api/v1/radiology/images/9.9.9/file/", reader_).status, 404);
  EXPECT_EQ(fetch(target).status, 401);
  EXPECT_EQ(get(target, uploader_).status, 403);
}

TEST_F(MediaRoutesTest, RedirectsToALinkThatNeedsNoToken) {
  const std::string target = "/api/v1/radiology/images/1.2.3.4/file/?redirect=always&expires_in=60";
  const TestAnswer answer = get(target, reader_);
  EXPECT_EQ(answer.status, 307);
  EXPECT_EQ(answer.field("Cache-Control"), "no-store");
  EXPECT_EQ(answer.body, "");
  const std::string location = target_of(answer.field("Location"));
  EXPECT_EQ(fetch(location).body, content_);
  clock_.advance(std::chrono::seconds(61));
  EXPECT_EQ(fetch(location).status, 403);
  const TestAnswer head = ask({.method = http::Method::head, .target = target, .token = reader_});
  EXPECT_EQ(head.status, 200) << "the link is signed for GET alone";
}

// RADIOLOGY_SIGNED_URLS=false.
class TokenRequiredTest : public MediaRoutesTest {
 protected:
  static RestSettings token_settings() {
    RestSettings settings = test_settings();
    settings.signed_urls = SignedUrls::token_required;
    return settings;
  }
  TokenRequiredTest() : MediaRoutesTest(token_settings()) {}
};

TEST_F(TokenRequiredTest, GivesFilesToTokensAlone) {
  const std::string url = link();
  EXPECT_EQ(url.find('?'), std::string::npos) << "such a link opens nothing by itself";
  EXPECT_EQ(fetch(url).status, 401);
  EXPECT_EQ(ask({.target = url, .token = reader_}).body, content_);
  EXPECT_EQ(ask({.target = url, .token = uploader_}).status, 403);
  EXPECT_EQ(ask({.target = "/media/radiology/1/2/3/x", .token = reader_}).status, 404);
  const std::string signed_url =
      media_url_.sign(*ObjectKey::parse(key_), clock_.now() + 60'000).value();
  EXPECT_EQ(fetch(signed_url).status, 401) << "nor does a signature";
  const std::string file = "/api/v1/radiology/images/1.2.3.4/file/";
  EXPECT_EQ(get(file, reader_).body, content_);
  EXPECT_EQ(get(file + "?redirect=always", reader_).status, 400);
}

}  // namespace
}  // namespace pacs::rest
