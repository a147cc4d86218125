// The store transaction; S1 … S14 and G5 are lines of the checklist of PS3.18 10.5 that each test
// is for.
#include <chrono>
#include <string>
#include <vector>

#include "tests/support/dicomweb_fixture.h"

namespace pacs::dicomweb {
namespace {

// The value of an element of the answer, as JSON: `["1.2.3"]`; "(absent)".
std::string value_of(const JsonValue& object, std::string_view tag) {
  const JsonValue* element = object.find(tag);
  const JsonValue* value = element == nullptr ? nullptr : element->find("Value");
  return value == nullptr ? "(absent)" : value->to_json();
}

std::vector<JsonValue> items_of(const JsonValue& object, std::string_view tag) {
  const JsonValue* element = object.find(tag);
  if (element == nullptr) return {};
  EXPECT_EQ(*element->find("vr")->as_string(), "SQ");
  std::vector<JsonValue> items;
  for (const JsonValue& item : *element->find("Value")->as_array()) items.push_back(item);
  return items;
}

constexpr char kFailed[] = "00081198";
constexpr char kReferenced[] = "00081199";
constexpr char kReason[] = "00081197";
constexpr char kSopInstance[] = "00081155";
constexpr char kSopClass[] = "00081150";
constexpr char kUrl[] = "00081190";
constexpr char kCtImageStorage[] = R"(["1.2.840.10008.5.1.4.1.1.2"])";

class StoreRoutesTest : public DicomwebTest {
 protected:
  explicit StoreRoutesTest(const DicomwebTestOptions& options = {}) : DicomwebTest(options) {}

  // The one failure of an answer.
  static std::string only_failure(const DicomwebAnswer& answer) {
    const auto failed = items_of(answer.json(), kFailed);
    EXPECT_EQ(failed.size(), 1U) << answer.body;
    return failed.empty() ? "" : value_of(failed[0], kReason);
  }
};

TEST_F(StoreRoutesTest, S1S6StoresEachPartAndSaysWhereItIs) {
  const auto answer = store_parts({ct("1.2", "1.2.3", "1.2.3.4"), ct("1.2", "1.2.3", "1.2.3.5")});
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.field("Content-Type"), "application/dicom+json");
  const JsonValue json = answer.json();
  EXPECT_EQ(value_of(json, kUrl), R"(["https://pacs.example/dicom-web/studies/1.2"])");
  EXPECT_EQ(json.find(kFailed), nullptr);
  const auto stored = items_of(json, kReferenced);
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(value_of(stored[0], kSopClass), kCtImageStorage);
  EXPECT_EQ(value_of(stored[0], kSopInstance), R"(["1.2.3.4"])");
  EXPECT_EQ(value_of(stored[0], kUrl),
            R"(["https://pacs.example/dicom-web/studies/1.2/series/1.2.3/instances/1.2.3.4"])");
  EXPECT_EQ(value_of(stored[1], kSopInstance), R"(["1.2.3.5"])");
}

TEST_F(StoreRoutesTest, S1NamesNoStudyForAllWhenThereAreSeveral) {
  const auto answer = store_parts({ct("1.2", "1.2.3", "1.2.3.4"), ct("1.9", "1.9.3", "1.9.3.4")});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json().find(kUrl), nullptr);
}

TEST_F(StoreRoutesTest, S2StoresASingleInstance) {
  const auto answer = store_single(ct("1.2", "1.2.3", "1.2.3.4"));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(items_of(answer.json(), kReferenced).size(), 1U);
}

TEST_F(StoreRoutesTest, S5G5TakesTheMediaTypesOfTheStandardQuotedOrNot) {
  struct Case {
    std::string content_type;
    int status;
  };
  const Case cases[] = {
      {"multipart/related; type=\"application/dicom\"; boundary=B", 200},
      {"multipart/related; type=application/dicom; boundary=B", 200},
      {"Multipart/Related;boundary=\"B\";type=\"Application/DICOM\"", 200},
      {"multipart/related; boundary=B", 200},
      {"multipart/related; type=\"image/jpeg\"; boundary=B", 415},
      {"multipart/form-data; boundary=B", 415},
      {"text/plain", 415},
      {"", 415},
      {"multipart/related; type=\"application/dicom\"", 400},
  };
  for (const Case& one : cases) {
    const auto answer = ask({.method = http::Method::post,
                             .target = "/dicom-web/studies",
                             .body = parts_of({ct("1.2", "1.2.3", "1.2.3.4")}),
                             .content_type = one.content_type,
                             .token = uploader_});
    EXPECT_EQ(answer.status, one.status) << one.content_type << " " << answer.body;
  }
}

TEST_F(StoreRoutesTest, S5RefusesAMessageThatIsMalformedOrHasNoPart) {
  const std::string whole = parts_of({ct("1.2", "1.2.3", "1.2.3.4")});
  for (const std::string& body : {std::string("--B--\r\n"), std::string("nothing of the kind"),
                                  std::string("--B\r\nno head"), std::string()}) {
    const auto answer = ask({.method = http::Method::post,
                             .target = "/dicom-web/studies",
                             .body = body,
                             .content_type = "multipart/related; boundary=B",
                             .token = uploader_});
    EXPECT_EQ(answer.status, 400) << body << answer.body;
  }
}

TEST_F(StoreRoutesTest, S5NeedsTheRightToUpload) {
  DicomwebQuestion question{.method = http::Method::post,
                            .target = "/dicom-web/studies",
                            .body = ct("1.2", "1.2.3", "1.2.3.4"),
                            .content_type = "application/dicom"};
  EXPECT_EQ(ask(question).status, 401);
  question.token = reader_;
  EXPECT_EQ(ask(question).status, 403);
  question.token = uploader_;
  EXPECT_EQ(ask(question).status, 200);
}

TEST_F(StoreRoutesTest, S7AnInstanceOfAnotherStudyThanThePathsFailsAlone) {
  const auto answer = store_parts({ct("1.2", "1.2.3", "1.2.3.4"), ct("1.9", "1.9.3", "1.9.3.4")},
                                  "/dicom-web/studies/1.2");
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(only_failure(answer), "[43265]");
  EXPECT_EQ(value_of(items_of(answer.json(), kFailed)[0], kSopInstance), R"(["1.9.3.4"])");
  EXPECT_EQ(value_of(items_of(answer.json(), kFailed)[0], kSopClass), kCtImageStorage);
  EXPECT_FALSE(*services_.studies.find(everything(), *dicom::StudyUid::parse("1.9")));
}

TEST_F(StoreRoutesTest, G24APathWithoutAUidIsMalformed) {
  EXPECT_EQ(store_parts({ct("1.2", "1.2.3", "1.2.3.4")}, "/dicom-web/studies/one").status, 400);
}

TEST_F(StoreRoutesTest, S9TheSameInstanceAgainIsSuccessAlsoInOneRequest) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  EXPECT_EQ(store_parts({content, content}).status, 200);
  const auto again = store_parts({content});
  EXPECT_EQ(again.status, 200) << again.body;
  const auto study = services_.studies.find(everything(), *dicom::StudyUid::parse("1.2"));
  ASSERT_TRUE(study && *study);
  EXPECT_EQ((*study)->image_count, 1);
}

TEST_F(StoreRoutesTest, S10OtherBytesUnderAKnownUidAreRefusedAndTheFirstStay) {
  ASSERT_EQ(store_parts({ct("1.2", "1.2.3", "1.2.3.4")}).status, 200);
  const std::string other = slice("1.2", "1.2.3", "1.2.3.4")
                                .text(dicom::tags::kStudyDescription, dicom::Vr::LO, "other")
                                .build();
  const auto answer = store_parts({other, ct("1.2", "1.2.3", "1.2.3.5")});
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(only_failure(answer), "[273]");
  EXPECT_EQ(value_of(items_of(answer.json(), kFailed)[0], kSopInstance), R"(["1.2.3.4"])");
  EXPECT_EQ(store_parts({ct("1.2", "1.2.3", "1.2.3.4")}).status, 200)
      << "the first bytes are there";
}

TEST_F(StoreRoutesTest, S7AnotherPatientInTheStudyIsRefused) {
  ASSERT_EQ(store_parts({ct("1.2", "1.2.3", "1.2.3.4")}).status, 200);
  const auto answer = store_parts({slice("1.2", "1.2.3", "1.2.3.5")
                                       .text(dicom::tags::kPatientId, dicom::Vr::LO, "P2")
                                       .build()});
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(only_failure(answer), "[43266]");
}

TEST_F(StoreRoutesTest, S11AnInstanceWithoutUidsFailsAloneAndIsNamedAsFarAsItCanBe) {
  const auto answer =
      store_parts({slice("1.2", "1.2.3", "1.2.3.4").remove(dicom::tags::kStudyInstanceUid).build(),
                   ct("1.2", "1.2.3", "1.2.3.5")});
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(only_failure(answer), "[43264]");
  EXPECT_EQ(value_of(items_of(answer.json(), kFailed)[0], kSopInstance), R"(["1.2.3.4"])");
  EXPECT_EQ(items_of(answer.json(), kReferenced).size(), 1U);
}

// PatientID is of type 2 (PS3.3 C.7.1.1): it may be empty, as in an emergency, and the image stays.
TEST_F(StoreRoutesTest, S11AnInstanceWithAnEmptyPatientIdIsStored) {
  const std::string unknown =
      slice("1.2", "1.2.3", "1.2.3.4").text(dicom::tags::kPatientId, dicom::Vr::LO, "").build();
  EXPECT_EQ(store_parts({unknown}).status, 200);
}

TEST_F(StoreRoutesTest, S12PartsThatAreNoDicomFailAlone) {
  const std::string jpeg("\xFF\xD8\xFF\xE0\x00\x10JFIF", 10);
  const std::string good = ct("1.2", "1.2.3", "1.2.3.4");
  const auto answer =
      store_parts({jpeg, "", good, "%PDF-1.4 no image", good.substr(0, good.size() / 2)});
  EXPECT_EQ(answer.status, 202) << answer.body;
  const auto failed = items_of(answer.json(), kFailed);
  ASSERT_EQ(failed.size(), 4U);
  for (const JsonValue& item : failed) EXPECT_EQ(value_of(item, kReason), "[49152]");
  EXPECT_EQ(items_of(answer.json(), kReferenced).size(), 1U);
  EXPECT_NE(metrics_.text().find("pacs_lite_uploads_refused_total{reason=\"unsupported_media\"}"),
            std::string::npos);
}

TEST_F(StoreRoutesTest, S5WhenNoneWasStoredItIsAConflict) {
  const auto answer = store_parts({"no", "neither"});
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.json().find(kReferenced), nullptr);
  EXPECT_EQ(answer.json().find(kUrl), nullptr);
  EXPECT_EQ(store_single("no").status, 409);
}

TEST_F(StoreRoutesTest, S14ATruncatedMessageKeepsTheWholePartsAndNothingOfTheCutOne) {
  const std::string whole =
      parts_of({ct("1.2", "1.2.3", "1.2.3.4"), ct("1.2", "1.2.3", "1.2.3.5")});
  const auto answer = ask({.method = http::Method::post,
                           .target = "/dicom-web/studies",
                           .body = whole.substr(0, whole.size() - 40),
                           .content_type = "multipart/related; boundary=B",
                           .token = uploader_});
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("are stored: 1"), std::string::npos) << answer.body;
  const auto find = [&](const char* uid) {
    return services_.images.find(everything(), *dicom::SopInstanceUid::parse(uid)).value();
  };
  EXPECT_TRUE(find("1.2.3.4"));
  EXPECT_FALSE(find("1.2.3.5"));
}

TEST_F(StoreRoutesTest, S1AnswersForHundredsOfPartsInTheirOrder) {
  std::vector<std::string> contents;
  for (int i = 0; i < 300; ++i) {
    contents.push_back(i % 7 == 0 ? "no" : ct("1.2", "1.2.3", "1.2.3." + std::to_string(i)));
  }
  const auto answer = store_parts(contents);
  EXPECT_EQ(answer.status, 202);
  const auto stored = items_of(answer.json(), kReferenced);
  EXPECT_EQ(items_of(answer.json(), kFailed).size(), 43U);
  ASSERT_EQ(stored.size(), 257U);
  size_t next = 0;
  for (int i = 0; i < 300; ++i) {
    if (i % 7 == 0) continue;
    EXPECT_EQ(value_of(stored[next++], kSopInstance), "[\"1.2.3." + std::to_string(i) + "\"]");
  }
}

TEST_F(StoreRoutesTest, S5MorePartsThanAnyStudyHasAreTooManyAndDoNotFillTheLog) {
  const size_t parts_max = 100'000;
  std::string body;
  for (size_t i = 0; i <= parts_max; ++i) body += "--B\r\n\r\n\r\n";
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const auto answer = ask({.method = http::Method::post,
                           .target = "/dicom-web/studies",
                           .body = body + "--B--\r\n",
                           .content_type = "multipart/related; boundary=B",
                           .token = uploader_});
  const std::string log =
      ::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(answer.status, 413) << answer.body;
  EXPECT_NE(log.find("stow_instance_refused"), std::string::npos);
  EXPECT_LT(log.size(), 10'000U);
}

class SmallStoreTest : public StoreRoutesTest {
 protected:
  SmallStoreTest() : StoreRoutesTest({.store = {.image_bytes_max = 2'000}, .bytes_free_min = 0}) {}
};

TEST_F(SmallStoreTest, S5TooLargeIsA413OfTheBodyAndAFailureOfAPart) {
  const std::string large =
      slice("1.2", "1.2.3", "1.2.3.4")
          .text(dicom::tags::kStudyDescription, dicom::Vr::LO, std::string(4'000, 'x'))
          .build();
  EXPECT_EQ(store_single(large).status, 413);
  const auto answer = store_parts({large, ct("1.2", "1.2.3", "1.2.3.5")});
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(only_failure(answer), "[42752]");
}

class BusyStoreTest : public StoreRoutesTest {
 protected:
  BusyStoreTest() : StoreRoutesTest({.store = {.wait_max = std::chrono::milliseconds(20)}}) {}
};

TEST_F(BusyStoreTest, S5ABusyArchiveAsksToComeAgain) {
  const auto claim =
      claims_.claim(*dicom::SopInstanceUid::parse("1.2.3.4"), std::chrono::milliseconds(10));
  ASSERT_TRUE(claim);
  const auto answer = store_parts({ct("1.2", "1.2.3", "1.2.3.4")});
  EXPECT_EQ(answer.status, 503) << answer.body;
  EXPECT_NE(answer.field("Retry-After"), "(none)");
  // What could be stored is told; only the other one is to come again.
  const auto mixed = store_parts({ct("1.2", "1.2.3", "1.2.3.5"), ct("1.2", "1.2.3", "1.2.3.4")});
  EXPECT_EQ(mixed.status, 202) << mixed.body;
  EXPECT_EQ(only_failure(mixed), "[42752]");
}

}  // namespace
}  // namespace pacs::dicomweb
