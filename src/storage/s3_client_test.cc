// The client against servers that fail in every way that stores do: what it repeats, what it mends,
// what it gives up. Whether its signatures are right is for real stores to say.
#include "storage/s3_client.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "http/test_support.h"
#include "storage/s3_objects.h"
#include "storage/s3_reader.h"
#include "storage/s3_writer.h"

namespace pacs::storage {
namespace {

struct Scripted {
  int status = 200;
  std::string body;
  http::Headers headers;
};

std::string fault(std::string_view code, std::string_view more = "") {
  return "<?xml version=\"1.0\"?><Error><Code>" + std::string(code) +
         "</Code><Message>words</Message>" + std::string(more) + "</Error>";
}

S3Request get_object() {
  S3Request request;
  request.key = "radiology/1/2/3/a.dcm";
  return request;
}

// Answers with what the test wrote down, then always with the last of it.
class ScriptedStore {
 public:
  explicit ScriptedStore(std::deque<Scripted> script) : script_(std::move(script)) {
    settings.bucket = "bucket";
    settings.region = "us-east-1";
    settings.endpoint_url = server_.url("");
    options.first_pause_max = std::chrono::milliseconds(2);
  }

  Result<S3Answer> send(const S3Request& request) {
    S3Client client(settings, options, credentials, clock, random_);
    return client.send(request);
  }

  // What each request carried.
  [[nodiscard]] std::string seen(size_t index, const char* header) {
    const std::lock_guard lock(mutex_);
    return std::string(seen_.at(index).find(header).value_or("(none)"));
  }
  [[nodiscard]] size_t requests() {
    const std::lock_guard lock(mutex_);
    return seen_.size();
  }
  std::vector<std::string> bodies;
  std::vector<std::string> targets;  // "GET /bucket/key?query"

  S3Settings settings;
  S3ClientOptions options;
  FixedAwsCredentials credentials{{"id", "secret", "", 0}};
  ManualClock clock{SystemClock().now()};

 private:
  void answer(http::Request& request, http::ResponseWriter& writer) {
    const std::string body = read_all(request.body(), 1 << 24).value_or("(cut off)");
    const std::lock_guard lock(mutex_);
    seen_.push_back(request.headers);
    bodies.push_back(body);
    targets.push_back(std::string(http::to_string(request.method)) + " " + request.raw_path +
                      (request.raw_query.empty() ? "" : "?" + request.raw_query));
    const Scripted& next = script_.front();
    http::Response response = http::text(static_cast<http::Status>(next.status), next.body);
    for (const auto& [name, value] : next.headers) response.headers.set(name, value);
    writer.send(std::move(response));
    if (script_.size() > 1) script_.pop_front();
  }

  SystemRandom random_;
  std::mutex mutex_;
  std::deque<Scripted> script_;      // guarded by mutex_
  std::vector<http::Headers> seen_;  // guarded by mutex_
  http::RunningServer server_{
      [this](http::Request& request, http::ResponseWriter& writer) { answer(request, writer); }};
};

// Sends the head and then a byte now and then, for as long as somebody listens.
class TricklingStore {
 public:
  TricklingStore() {
    settings.bucket = "bucket";
    settings.region = "us-east-1";
    settings.endpoint_url = server_.url("");
    options.attempts_max = 1;
    options.attempt_time = std::chrono::milliseconds(300);
  }
  ~TricklingStore() { ends_ = true; }

  S3Settings settings;
  S3ClientOptions options;
  FixedAwsCredentials credentials{{"id", "secret", "", 0}};
  ManualClock clock{SystemClock().now()};
  SystemRandom random;

 private:
  void answer(http::ResponseWriter& writer) {
    ByteSink& sink = writer.start(http::Status::ok, {}, 1'000'000);
    while (!ends_ && sink.write(as_bytes(std::string_view("x")))) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  std::atomic<bool> ends_ = false;
  http::RunningServer server_{
      [this](http::Request& /*request*/, http::ResponseWriter& writer) { answer(writer); }};
};

TEST(S3Client, AnAnswerThatTricklesHasAnEnd) {
  TricklingStore store;
  S3Client client(store.settings, store.options, store.credentials, store.clock, store.random);
  const auto begun = std::chrono::steady_clock::now();
  const Result<S3Answer> answer = client.send(get_object());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason, "timed_out");
}

TEST(S3Client, TheDeadlineGrowsWithTheBytes) {
  TricklingStore store;
  S3Client client(store.settings, store.options, store.credentials, store.clock, store.random);
  S3Request large = get_object();
  large.answer_bytes = store.options.bytes_per_second_min;
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_FALSE(client.send(large));
  // 0.3 s, and a second for the bytes; libcurl's own clock may be ahead by a little.
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(1'200));
}

TEST(S3Client, NobodyWaitsForAConnectionForEver) {
  TricklingStore store;
  store.options.connections_max = 1;
  S3Client client(store.settings, store.options, store.credentials, store.clock, store.random);
  S3Request long_one = get_object();
  long_one.answer_bytes = 3 * store.options.bytes_per_second_min;
  std::thread first([&] { EXPECT_FALSE(client.send(long_one)); });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const Result<S3Answer> second = client.send(get_object());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "store_unavailable");
  first.join();
}

TEST(S3Client, RepeatsWhatMayPassAndSignsAnew) {
  ScriptedStore store({{503, fault("SlowDown"), {}}, {500, "", {}}, {200, "bytes", {}}});
  const Result<S3Answer> answer = store.send(get_object());
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->response.body, "bytes");
  EXPECT_TRUE(answer->may_have_acted_before);
  EXPECT_EQ(store.requests(), 3U);
}

TEST(S3Client, GivesUpAfterThreeAttempts) {
  ScriptedStore store({{503, fault("SlowDown"), {}}});
  const Result<S3Answer> answer = store.send(get_object());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->fault.to_error().reason, "store_unavailable");
  EXPECT_EQ(store.requests(), 3U);
}

TEST(S3Client, ABodyIsReadFromItsBeginningEachTime) {
  ScriptedStore store({{500, fault("InternalError"), {}}, {200, "", {}}});
  const std::string text = "the same bytes";
  S3Request put;
  put.method = "PUT";
  put.key = "radiology/1/2/3/a.dcm";
  put.body = S3Body{text.size(), sha256(as_bytes(text)).hex(),
                    [&] { return std::make_unique<MemorySource>(as_bytes(text)); }};
  ASSERT_TRUE(store.send(put));
  EXPECT_EQ(store.bodies, (std::vector<std::string>{text, text}));
}

TEST(S3Client, WhatIsRefusedForGoodIsNotRepeated) {
  for (const int status : {400, 403, 404, 405, 412, 501}) {
    ScriptedStore store({{status, fault("NoSuchKey"), {}}});
    ASSERT_TRUE(store.send(get_object()));
    EXPECT_EQ(store.requests(), 1U) << status;
  }
}

TEST(S3Client, AServerThatIsNotThereIsUnavailable) {
  ScriptedStore store({Scripted{}});
  store.settings.endpoint_url = "http://127.0.0.1:1";
  const Result<S3Answer> answer = store.send(get_object());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  EXPECT_EQ(answer.error().reason, "connect_failed");
}

TEST(S3Client, AWrongClockIsSetRightOnce) {
  ScriptedStore store({{403, fault("RequestTimeTooSkewed"), {}}, {200, "", {}}});
  const UnixMillis now = store.clock.now();
  store.clock.set(now - 3'600'000);
  const Result<S3Answer> answer = store.send(get_object());
  ASSERT_TRUE(answer);
  ASSERT_TRUE(answer->is_success());
  // The server dates its answers with the right time, a second or two later.
  const auto sent_at = [&](size_t index) {
    std::string date = store.seen(index, "X-Amz-Date");  // 20130524T000000Z
    for (const size_t dash : {4U, 7U}) date.insert(dash, "-");
    for (const size_t colon : {13U, 16U}) date.insert(colon, ":");
    return from_rfc3339(date).value();
  };
  EXPECT_LT(sent_at(0), now - 3'500'000);
  EXPECT_NEAR(static_cast<double>(sent_at(1)), static_cast<double>(now), 60'000.0);
}

TEST(S3Client, ARefusalByARightClockIsNotRepeated) {
  ScriptedStore store({{403, fault("AccessDenied"), {}}});
  const Result<S3Answer> answer = store.send(get_object());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->fault.to_error().code, ErrorCode::permission_denied);
  EXPECT_EQ(store.requests(), 1U);
}

TEST(S3Client, TheRegionThatTheStoreNamesIsUsedFromThenOn) {
  ScriptedStore store(
      {{400, fault("AuthorizationHeaderMalformed", "<Region>eu-central-1</Region>"), {}},
       {200, "", {}}});
  ASSERT_TRUE(store.send(get_object())->is_success());
  EXPECT_NE(store.seen(1, "Authorization").find("/eu-central-1/s3/"), std::string::npos);
}

// Others each time that a store has called them expired.
class RenewedCredentials final : public AwsCredentialSource {
 public:
  Result<AwsCredentials> get() override {
    return AwsCredentials{"id", "secret", "token-" + std::to_string(number_.load()), 0};
  }
  void give_up(const AwsCredentials& /*refused*/) override { ++number_; }

 private:
  std::atomic<int> number_ = 1;
};

TEST(S3Client, AnExpiredTokenIsRenewedOnce) {
  ScriptedStore store({{400, fault("ExpiredToken"), {}}, {200, "bytes", {}}});
  RenewedCredentials credentials;
  SystemRandom random;
  S3Client client(store.settings, store.options, credentials, store.clock, random);
  EXPECT_EQ(client.send(get_object())->response.body, "bytes");
  EXPECT_EQ(store.seen(0, "X-Amz-Security-Token"), "token-1");
  EXPECT_EQ(store.seen(1, "X-Amz-Security-Token"), "token-2");

  ScriptedStore refusing({{400, fault("ExpiredToken"), {}}});
  S3Client hopeless(refusing.settings, refusing.options, credentials, refusing.clock, random);
  EXPECT_EQ(hopeless.send(get_object())->fault.code, "ExpiredToken");
  EXPECT_EQ(refusing.requests(), 2U);
}

TEST(S3Client, ARedirectIsNotFollowed) {
  ScriptedStore store({{307, fault("TemporaryRedirect"), {{"Location", "http://127.0.0.1:9/"}}}});
  const Result<S3Answer> answer = store.send(get_object());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->fault.to_error().reason, "wrong_endpoint");
  EXPECT_EQ(store.requests(), 1U);
}

TEST(S3Client, AnAnswerWithoutEndIsRefused) {
  ScriptedStore store({{200, std::string(100'000, 'x'), {}}});
  store.options.answer_bytes_max = 10'000;
  EXPECT_EQ(store.send(get_object()).error().reason, "too_large");
}

TEST(S3Client, AStoreInTroubleIsSparedOnceTheBudgetIsUsedUp) {
  ScriptedStore store({{503, fault("SlowDown"), {}}});
  store.options.first_pause_max = std::chrono::milliseconds(0);
  SystemRandom random;
  S3Client client(store.settings, store.options, store.credentials, store.clock, random);
  constexpr size_t kCalls = 200;
  for (size_t i = 0; i < kCalls; ++i) ASSERT_TRUE(client.send(get_object()));
  EXPECT_EQ(store.requests(), kCalls + 100);
}

TEST(S3Objects, AMissingBucketIsNoMissingImage) {
  ScriptedStore store({{404, fault("NoSuchBucket"), {}}});
  SystemRandom random;
  S3Client client(store.settings, store.options, store.credentials, store.clock, random);
  EXPECT_EQ(S3Objects(client).read_text("a").error().reason, "no_such_bucket");
  // HEAD has no body: the bucket is asked for itself.
  EXPECT_EQ(S3Objects(client).find("a").error().reason, "no_such_bucket");
}

// The answer to HEAD has no body, so no code: which one it is a GET tells.
TEST(S3Objects, ARefusedHeadIsMendedByWhatAGetIsTold) {
  ScriptedStore store({{400, "", {}},
                       {400, fault("ExpiredToken"), {}},
                       {206, "b", {}},
                       {200, "bytes", {{"ETag", "\"tag\""}}}});
  RenewedCredentials credentials;
  SystemRandom random;
  S3Client client(store.settings, store.options, credentials, store.clock, random);
  const auto found = S3Objects(client).find("radiology/1/2/3/a.dcm");
  ASSERT_TRUE(found) << to_string(found.error());
  EXPECT_EQ((*found)->entity_tag(), "tag");
  EXPECT_EQ(store.seen(1, "Range"), "bytes=0-0");
  EXPECT_EQ(store.seen(3, "Range"), "(none)");
  EXPECT_EQ(store.seen(3, "X-Amz-Security-Token"), "token-2");

  ScriptedStore elsewhere(
      {{400, "", {}},
       {400, fault("AuthorizationHeaderMalformed", "<Region>eu-central-1</Region>"), {}},
       {416, "", {}},
       {200, "", {}}});
  S3Client wrong_region(elsewhere.settings, elsewhere.options, credentials, elsewhere.clock,
                        random);
  EXPECT_TRUE(S3Objects(wrong_region).find("radiology/1/2/3/a.dcm"));
  EXPECT_NE(elsewhere.seen(3, "Authorization").find("/eu-central-1/s3/"), std::string::npos);
}

TEST(S3Objects, ARefusalThatStaysIsOne) {
  ScriptedStore store({{403, "", {}}, {403, fault("AccessDenied"), {}}});
  SystemRandom random;
  S3Client client(store.settings, store.options, store.credentials, store.clock, random);
  const auto found = S3Objects(client).find("radiology/1/2/3/a.dcm");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::permission_denied);
  EXPECT_NE(found.error().detail.find("AccessDenied"), std::string::npos);
  EXPECT_EQ(store.requests(), 2U);
}

// Bytes that were not asked for must not be taken for those that were.
TEST(S3BlobReader, AnAnswerOfAnotherLengthIsRefused) {
  const auto read_from = [](Scripted answer) {
    ScriptedStore store({std::move(answer)});
    SystemRandom random;
    S3Client client(store.settings, store.options, store.credentials, store.clock, random);
    const S3Objects objects(client);
    StringSink sink;
    const Result<void> read =
        S3BlobReader::open_known(client, objects, "a", {10, "tag"})->write_to(sink, 2, 4);
    return read ? sink.text() : read.error().reason;
  };
  const auto range = [](const char* text) { return http::Headers{{"Content-Range", text}}; };
  EXPECT_EQ(read_from({206, "2345", range("bytes 2-5/10")}), "2345");
  EXPECT_EQ(read_from({206, "234", range("bytes 2-5/10")}), "store_unavailable");
  EXPECT_EQ(read_from({206, "23456", range("bytes 2-6/10")}), "store_unavailable");
  EXPECT_EQ(read_from({206, "1234", range("bytes 1-4/10")}), "store_unavailable");
  EXPECT_EQ(read_from({200, "0123456789", {}}), "store_unavailable") << "the range was ignored";
  EXPECT_EQ(read_from({206, "2345", range("bytes 2-5/11")}), "blob_changed");
  EXPECT_EQ(read_from({412, "", {}}), "blob_changed");
  EXPECT_EQ(read_from({404, fault("NoSuchKey"), {}}), "blob_changed");
  EXPECT_EQ(read_from({404, fault("NoSuchBucket"), {}}), "no_such_bucket");
}

TEST(S3Objects, EncryptionOfACopyThatIsNotConfirmedIsRefused) {
  const std::string copied = "<CopyObjectResult><ETag>x</ETag></CopyObjectResult>";
  S3ObjectParameters parameters;
  parameters.server_side_encryption = "AES256";
  ScriptedStore store({{200, copied, {{"x-amz-server-side-encryption", "AES256"}}},
                       {200, copied, {}},
                       {204, "", {}}});
  SystemRandom random;
  S3Client client(store.settings, store.options, store.credentials, store.clock, random);
  const S3Objects objects(client);
  const S3Writer writer(client, objects, parameters, {}, random);
  EXPECT_TRUE(writer.copy("a", "b", {}));
  EXPECT_EQ(store.seen(0, "x-amz-server-side-encryption"), "AES256");
  const Result<void> plain = writer.copy("a", "b", {});
  ASSERT_FALSE(plain);
  EXPECT_EQ(plain.error().reason, "not_encrypted");
  EXPECT_EQ(store.requests(), 3U) << "the copy is taken away again";
}

TEST(S3Objects, UploadsThatACrashHasLeftAreEndedPageByPage) {
  const auto listed = [](const char* begun, const char* is_truncated) {
    return std::string("<ListMultipartUploadsResult><IsTruncated>") + is_truncated +
           "</IsTruncated><Upload><Key>.pacs-lite%2Fquarantine%2Fa+b</Key><UploadId>one</UploadId>"
           "<Initiated>" +
           begun + "</Initiated></Upload></ListMultipartUploadsResult>";
  };
  ScriptedStore store({{200, listed("2026-01-01T00:00:00.000Z", "true"), {}},
                       {204, "", {}},
                       {200, listed("2026-01-02T00:00:00.000Z", "true"), {}},
                       {204, "", {}},
                       {200, listed("2026-01-09T00:00:00.000Z", "true"), {}}});
  SystemRandom random;
  S3Client client(store.settings, store.options, store.credentials, store.clock, random);
  const UnixMillis before = from_rfc3339("2026-01-03T00:00:00Z").value();
  EXPECT_EQ(S3Objects(client).abort_uploads(".pacs-lite/quarantine/", before).value(), 2U);
  EXPECT_EQ(store.targets.at(1), "DELETE /bucket/.pacs-lite/quarantine/a%20b?uploadId=one");
  EXPECT_EQ(store.requests(), 5U) << "what is young stays, and ends the search";
}

TEST(S3Objects, A200ThatHoldsAnErrorIsOne) {
  ScriptedStore store({{200, fault("InternalError"), {}}});
  SystemRandom random;
  S3Client client(store.settings, store.options, store.credentials, store.clock, random);
  EXPECT_EQ(S3Objects(client).copy("a", "b", {}).error().code, ErrorCode::unavailable);
}

TEST(S3Objects, AListThatGoesRoundEnds) {
  ScriptedStore store({{200,
                        "<ListBucketResult><IsTruncated>true</IsTruncated>"
                        "<NextContinuationToken>same</NextContinuationToken></ListBucketResult>",
                        {}}});
  SystemRandom random;
  S3Client client(store.settings, store.options, store.credentials, store.clock, random);
  EXPECT_FALSE(S3Objects(client).list("", "", [](const S3Listed&) { return true; }));
}

}  // namespace
}  // namespace pacs::storage
