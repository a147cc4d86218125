#include "tests/support/rest_fixture.h"

namespace pacs::rest {
namespace {

constexpr std::string_view kApi = "/api/v1/radiology/";

class StudyRoutesTest : public RestTest {
 protected:
  TestAnswer read(const std::string& path) { return get(std::string(kApi) + path, reader_); }

  void store_studies(int count) {
    for (int index = 1; index <= count; ++index) {
      const std::string uid = "1.2." + std::to_string(index);
      ASSERT_EQ(store(ct(uid, uid + ".1", uid + ".1.1", "P" + std::to_string(index))).status, 201);
      clock_.advance(std::chrono::seconds(1));
    }
  }

  static std::vector<std::string> uids_of(const JsonValue& list) {
    std::vector<std::string> uids;
    for (const JsonValue& study : *list.as_array()) {
      uids.push_back(TestAnswer::member_of(study, "study_uid"));
    }
    return uids;
  }
};

TEST_F(StudyRoutesTest, PagesNewestFirstWhileStudiesArrive) {
  store_studies(5);
  const TestAnswer first = read("studies/?page_size=2");
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.text("count"), "5");
  EXPECT_EQ(first.text("previous"), "null");
  EXPECT_EQ(uids_of(*first.json().find("results")), (std::vector<std::string>{"1.2.5", "1.2.4"}));
  ASSERT_EQ(store(ct("1.9", "1.9.1", "1.9.1.1", "P9")).status, 201);
  const TestAnswer second = get(target_of(first.text("next")), reader_);
  EXPECT_EQ(uids_of(*second.json().find("results")), (std::vector<std::string>{"1.2.3", "1.2.2"}))
      << "neither skipped nor repeated";
  const TestAnswer third = get(target_of(second.text("next")), reader_);
  EXPECT_EQ(uids_of(*third.json().find("results")), (std::vector<std::string>{"1.2.1"}));
  EXPECT_EQ(third.text("next"), "null");
  const TestAnswer back = get(target_of(third.text("previous")), reader_);
  EXPECT_EQ(back.text("results"), second.text("results"));
}

TEST_F(StudyRoutesTest, RefusesACursorOfAnotherListOrReader) {
  store_studies(3);
  const std::string next = target_of(read("studies/?page_size=1").text("next"));
  EXPECT_EQ(get(next, reader_).status, 200);
  EXPECT_EQ(get(next + "&modality=CT", reader_).status, 400);
  EXPECT_EQ(get(next + "&ordering=study_date", reader_).status, 400);
  EXPECT_EQ(get(next, make_token("reader")).status, 400);
  EXPECT_EQ(get(next, admin_).text("code"), "bad_cursor");
  EXPECT_EQ(get(next + "x", reader_).status, 400);
  EXPECT_EQ(read("studies/?cursor=abc").status, 400);
  EXPECT_EQ(get(next + "&page_size=", reader_).status, 400) << "sent twice";
}

TEST_F(StudyRoutesTest, RefusesParametersOutOfBounds) {
  for (const char* query :
       {"page_size=0", "page_size=501", "page_size=x", "page_size=-1", "ordering=size",
        "study_date=2026", "study_date=2026-13-01", "study_date=2026-02-30", "study_date=..",
        "study_date=2026-02-02..2026-01-01", "radiology_order_id=x", "radiology_order_id=0",
        "radiology_order_id=1&radiology_request_id=1", "radiology_order_id=1&radiology_order_id=2",
        "patient_id=%zz"}) {
    const TestAnswer answer = read(std::string("studies/?") + query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_FALSE(answer.text("detail").empty());
  }
  EXPECT_EQ(read("studies/?patient_name=" + std::string(300, 'x')).status, 400);
  EXPECT_EQ(read("studies/?page_size=500&unknown=1&study_date=2026-01-01..").status, 200);
}

TEST_F(StudyRoutesTest, FindsByNumberAndByUidAndSaysNoMore) {
  store_studies(1);
  const TestAnswer by_uid = read("studies/1.2.1/");
  ASSERT_EQ(by_uid.status, 200) << by_uid.body;
  EXPECT_EQ(by_uid.text("study_description"), by_uid.text("description"));
  EXPECT_EQ(by_uid.text("pixels"), "available");
  EXPECT_EQ(read("studies/" + by_uid.text("id")).body, by_uid.body);
  for (const char* id : {"4711", "1.2.99", "no-uid", "..%2f..", "0", "99999999999999999999"}) {
    EXPECT_EQ(read(std::string("studies/") + id + "/").status, 404) << id;
  }
}

TEST_F(StudyRoutesTest, GivesABareArrayForAnOrder) {
  ASSERT_EQ(store(ct("1.2", "1.2.1", "1.2.1.1"), "?radiology_order_id=12").status, 201);
  ASSERT_EQ(store(ct("1.3", "1.3.1", "1.3.1.1"), "?radiology_request_id=12").status, 201);
  const JsonValue of_order = read("studies/?radiology_order_id=12").json();
  ASSERT_NE(of_order.as_array(), nullptr);
  EXPECT_EQ(uids_of(of_order), (std::vector<std::string>{"1.2"}));
  EXPECT_EQ(uids_of(read("studies/?radiology_request_id=12").json()),
            (std::vector<std::string>{"1.3"}))
      << "12 of the one is not 12 of the other";
}

TEST_F(StudyRoutesTest, ShowsImagesBySeriesWithLinksThatOpen) {
  ASSERT_EQ(store(ct("1.2", "1.2.1", "1.2.1.1")).status, 201);
  ASSERT_EQ(store(ct("1.2", "1.2.2", "1.2.2.1")).status, 201);
  const TestAnswer answer = read("studies/1.2/images/");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const JsonValue body = answer.json();
  EXPECT_EQ(TestAnswer::member_of(body, "study_uid"), "1.2");
  EXPECT_EQ(TestAnswer::member_of(*body.find("study"), "image_count"), "2");
  const JsonValue::Array& series = *body.find("series")->as_array();
  ASSERT_EQ(series.size(), 2U);
  const JsonValue& image = series[0].find("images")->as_array()->front();
  EXPECT_EQ(TestAnswer::member_of(image, "pixels"), "available");
  const TestAnswer bytes = ask({.target = target_of(TestAnswer::member_of(image, "image_url"))});
  EXPECT_EQ(bytes.status, 200);
  EXPECT_EQ(sha256(as_bytes(bytes.body)).hex(), TestAnswer::member_of(image, "checksum"));
  const std::string link = target_of(TestAnswer::member_of(image, "thumbnail_url"));
  const TestAnswer picture = ask({.target = link});
  EXPECT_EQ(picture.field("Content-Type"), "image/jpeg");
  EXPECT_TRUE(picture.body.starts_with("\xff\xd8\xff"));
  EXPECT_EQ(picture.field("Cache-Control"), "no-store");

  const TestAnswer of_series = read("series/1.2.1/images/");
  EXPECT_EQ(of_series.text("series_uid"), "1.2.1");
  EXPECT_EQ(of_series.json().find("images")->as_array()->size(), 1U);
}

TEST_F(StudyRoutesTest, ShowsWhatWasAnnouncedAsPending) {
  const std::string announcement =
      R"({"image_uuid":"550e8400-e29b-41d4-a716-446655440000","radiology_order_id":5,
      "filename":"a.jpg","file_size":9,"checksum":")" +
      std::string(64, 'a') +
      R"(","image_metadata":{"study_uid":"1.2","series_uid":"1.2.9","modality":"CR",
      "patient_name":"Doe^Jane","instance_number":4}})";
  ASSERT_EQ(
      post(std::string(kApi) + "offline-images/upload-metadata/", announcement, technician_).status,
      201);
  const TestAnswer study = read("studies/1.2/");
  ASSERT_EQ(study.status, 200);
  EXPECT_EQ(study.text("pixels"), "pending");
  EXPECT_EQ(study.text("patient_name"), "Doe^Jane");
  const JsonValue images = read("studies/1.2/images/").json();
  const JsonValue& series = images.find("series")->as_array()->front();
  EXPECT_EQ(TestAnswer::member_of(series, "series_uid"), "1.2.9");
  const JsonValue& image = series.find("images")->as_array()->front();
  EXPECT_EQ(TestAnswer::member_of(image, "pixels"), "pending");
  EXPECT_EQ(TestAnswer::member_of(image, "image_url"), "null");
  EXPECT_EQ(TestAnswer::member_of(image, "instance_number"), "4");
}

TEST_F(StudyRoutesTest, PagesImagesOfAStudy) {
  for (int index = 1; index <= 5; ++index) {
    ASSERT_EQ(
        store(ct("1.2", index < 4 ? "1.2.1" : "1.2.2", "1.2.9." + std::to_string(index))).status,
        201);
  }
  std::vector<std::string> seen;
  std::string target = std::string(kApi) + "images/?study_uid=1.2&page_size=2";
  while (target != "null") {
    const TestAnswer page = get(target, reader_);
    ASSERT_EQ(page.status, 200) << page.body;
    EXPECT_EQ(page.text("count"), "5");
    const JsonValue body = page.json();
    for (const JsonValue& image : *body.find("results")->as_array()) {
      seen.push_back(TestAnswer::member_of(image, "image_uid"));
    }
    const std::string next = page.text("next");
    target = next == "null" ? next : target_of(next);
  }
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 5U);
  EXPECT_EQ(read("images/?series_uid=1.2.2").text("count"), "2");
  EXPECT_EQ(read("images/?study_uid=1.2&series_uid=1.2.2").text("count"), "2");
  EXPECT_EQ(read("images/?study_uid=1.99").text("count"), "0");
  EXPECT_EQ(read("images/").status, 400);
  EXPECT_EQ(read("images/?study_uid=..").status, 400);
}

TEST_F(StudyRoutesTest, NeverChangesAnImage) {
  ASSERT_EQ(store(ct("1.2", "1.2.1", "1.2.1.1")).status, 201);
  for (const http::Method method : {http::Method::put, http::Method::patch}) {
    const TestAnswer answer =
        ask({.method = method, .target = "/api/v1/radiology/images/1.2.1.1/", .token = admin_});
    EXPECT_EQ(answer.status, 405);
    EXPECT_NE(answer.field("Allow").find("GET"), std::string::npos);
  }
}

TEST_F(StudyRoutesTest, RemovesForAdministratorsAndAnswers410OnTheLink) {
  ASSERT_EQ(store(ct("1.2", "1.2.1", "1.2.1.1")).status, 201);
  const std::string url = target_of(read("images/1.2.1.1/url/").text("image_url"));
  EXPECT_EQ(remove(std::string(kApi) + "images/1.2.1.1/", technician_).status, 403);
  const TestAnswer removed = remove(std::string(kApi) + "studies/1.2/", admin_);
  ASSERT_EQ(removed.status, 200) << removed.body;
  EXPECT_EQ(removed.text("images_removed"), "1");
  EXPECT_EQ(ask({.target = url}).status, 410);
  EXPECT_EQ(read("studies/1.2/").status, 404);
  EXPECT_EQ(remove(std::string(kApi) + "studies/1.2/", admin_).status, 404);
}

}  // namespace
}  // namespace pacs::rest
