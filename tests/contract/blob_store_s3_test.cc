// The contract over a bucket of a real object store (tests/support/object_stores.py starts one
// and says where), with and without uploads in parts; then what is true of object stores alone.
#include <array>
#include <cstdlib>
#include <thread>

#include "core/crypto.h"
#include "http/client.h"
#include "storage/s3_blob_store.h"
#include "storage/s3_objects.h"
#include "storage/s3_own_objects.h"
#include "storage/s3_url_signer.h"
#include "tests/contract/blob_store_contract.h"
#include "tests/support/temporary_folder.h"

namespace pacs::storage {
namespace {

using testing_support::TemporaryFolder;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

bool is_store(std::string_view name) { return variable("PACS_LITE_S3_STORE") == name; }

SystemRandom& system_random() {
  static SystemRandom random;
  return random;
}

S3Settings settings_of_new_bucket() {
  std::array<std::byte, 8> bytes{};
  system_random().fill(bytes);
  S3Settings settings;
  settings.bucket = "pacs-" + to_hex(bytes);
  settings.region = variable("PACS_LITE_S3_REGION");
  settings.endpoint_url = variable("PACS_LITE_S3_ENDPOINT");
  settings.access_key_id = variable("PACS_LITE_S3_ACCESS_KEY");
  settings.secret_access_key = variable("PACS_LITE_S3_SECRET_KEY");
  return settings;
}

// A bucket of its own with a store over it, and beside the store what looks into the bucket.
class S3StoreUnderTest final : public StoreUnderTest {
 public:
  explicit S3StoreUnderTest(S3PartSizes parts = {}) : parts_(parts) {
    objects_.create_bucket().value();
    reopen().value();
  }

  BlobStore& store() override { return *store_; }
  Result<void> reopen() {
    S3StoreOptions options;
    options.name = "s3";
    options.settings = settings;
    options.staging_folder = folder_ / "staging";
    options.parts = parts_;
    store_.reset();
    store_ = PACS_TRY(open_s3_blob_store(options, credentials, clock, system_random()));
    return {};
  }

  S3Settings settings = settings_of_new_bucket();
  SystemClock clock;
  FixedAwsCredentials credentials{{settings.access_key_id, settings.secret_access_key, "", 0}};

 private:
  TemporaryFolder folder_;
  const S3PartSizes parts_;
  S3Client client_{settings, {}, credentials, clock, system_random()};
  S3Objects objects_{client_};
  std::unique_ptr<BlobStore> store_;

 public:
  S3Client& client() { return client_; }
  const S3Objects& objects() const { return objects_; }
};

// So small that every other blob of the suite goes up in parts. AWS and MinIO take no part below
// 5 MiB but the last, and are not asked to.
S3PartSizes small_parts() {
  if (is_store("minio")) return {};
  return {20'000, 70'000, 10'000, 4};
}

INSTANTIATE_TEST_SUITE_P(
    S3, BlobStoreContract,
    testing::Values(
        BlobStoreKind{"single_requests", [] { return std::make_unique<S3StoreUnderTest>(); }},
        BlobStoreKind{"in_parts",
                      [] { return std::make_unique<S3StoreUnderTest>(small_parts()); }}),
    [](const auto& kind) { return kind.param.name; });

http::ClientResponse fetch(const std::string& url, const std::string& method = "GET",
                           const http::Headers& headers = {}) {
  http::ClientRequest request;
  request.url = url;
  request.method = method;
  request.headers = headers;
  return http::Client().send(request).value();
}

TEST(S3BlobStore, ABucketThatIsMissingIsNoEmptyArchive) {
  S3StoreUnderTest bucket;
  bucket.settings.bucket += "-missing";
  EXPECT_EQ(reason_of(bucket.reopen()), "no_such_bucket");
  bucket.settings = settings_of_new_bucket();
  bucket.settings.endpoint_url = "http://127.0.0.1:1";
  EXPECT_EQ(reason_of(bucket.reopen()), "connect_failed");
}

TEST(S3BlobStore, AWrongSecretIsRefusedInWords) {
  S3StoreUnderTest bucket;
  FixedAwsCredentials wrong({bucket.settings.access_key_id, "not the secret", "", 0});
  S3Client client(bucket.settings, {}, wrong, bucket.clock, system_random());
  const auto text = S3Objects(client).read_text("radiology/1/2/3/a.dcm");
  EXPECT_EQ(reason_of(text), "no_permission");
  EXPECT_NE(text.error().detail.find("SignatureDoesNotMatch"), std::string::npos)
      << text.error().detail;
}

TEST(S3BlobStore, EveryCharacterOfAKeyMakesTheRoundTrip) {
  S3StoreUnderTest bucket;
  std::vector<std::string> names = {"a b.dcm", "+=%!'()*.dcm",      "&$@,~.dcm",   "ä-Ü-日本.dcm",
                                    "%41.dcm", "a;b#c[d]^{e}`.dcm", "12:30:45.dcm"};
  names.push_back(std::string(200, 'n'));
  for (const std::string& name : names) {
    const std::optional<ObjectKey> key = ObjectKey::parse("radiology/1.2/3.4/5.6/" + name);
    ASSERT_TRUE(key) << name;
    const Result<BlobInfo> published = publish_text(bucket.store(), *key, name);
    ASSERT_TRUE(published) << name << " " << to_string(published.error());
    EXPECT_EQ(read_text(bucket.store(), *key).value(), name);
    const S3UrlSigner signer(bucket.settings, bucket.credentials, bucket.clock);
    const std::string url = signer.sign(*key, bucket.clock.now() + 60'000, {}).value();
    EXPECT_EQ(fetch(url).body, name) << url;
  }
  KeyCollector listed;
  ASSERT_TRUE(bucket.store().list({}, listed));
  EXPECT_EQ(listed.keys.size(), names.size());
  EXPECT_TRUE(listed.foreign_paths.empty());
}

TEST(S3BlobStore, AKeyOf1024BytesMakesTheRoundTrip) {
  if (is_store("swift")) GTEST_SKIP() << "the limit of Swift holds for the key with its bucket";
  S3StoreUnderTest bucket;
  const std::string uid(253, '1');
  const auto key =
      ObjectKey::parse("radiology/" + uid + "/" + uid + "/" + uid + "/" + std::string(252, 'n'));
  ASSERT_TRUE(key && key->str().size() == ObjectKey::kSizeBytesMax);
  const Result<BlobInfo> published = publish_text(bucket.store(), *key, "bytes");
  ASSERT_TRUE(published) << to_string(published.error());
  EXPECT_EQ(read_text(bucket.store(), *key).value(), "bytes");
  const S3UrlSigner signer(bucket.settings, bucket.credentials, bucket.clock);
  EXPECT_EQ(fetch(signer.sign(*key, bucket.clock.now() + 60'000, {}).value()).body, "bytes");
  KeyCollector listed;
  ASSERT_TRUE(bucket.store().list({}, listed));
  EXPECT_EQ(listed.keys.size(), 1U);
  ASSERT_TRUE(bucket.store().remove(*key));
}

TEST(S3BlobStore, OnePartAndAByte) {
  S3StoreUnderTest bucket(small_parts());
  const size_t part = small_parts().part_bytes;
  for (const size_t size_bytes : {part - 1, part, part + 1}) {
    const ObjectKey key = key_of("1", "2", std::to_string(size_bytes));
    const std::string bytes = pattern(size_bytes, 3);
    const Result<BlobInfo> published = publish_text(bucket.store(), key, bytes);
    ASSERT_TRUE(published) << size_bytes << " " << to_string(published.error());
    EXPECT_EQ(read_text(bucket.store(), key).value(), bytes) << size_bytes;
    if (!is_store("swift")) {
      const size_t parts = size_bytes > part ? 2 : 1;
      const bool in_parts = size_bytes >= small_parts().multipart_from;
      const std::string end = in_parts ? "-" + std::to_string(parts) : "";
      EXPECT_TRUE(published->entity_tag.ends_with(end)) << published->entity_tag;
    }
  }
}

TEST(S3BlobStore, LargeBlobsGoUpInPartsAndComeBackInWindows) {
  S3StoreUnderTest bucket;
  constexpr size_t kPart = 16 << 20;
  for (const size_t size_bytes : {kPart - 1, kPart, 2 * kPart + 1}) {
    const ObjectKey key = key_of("1", "2", std::to_string(size_bytes));
    const std::string bytes = pattern(size_bytes, 7);
    const Result<BlobInfo> published = publish_text(bucket.store(), key, bytes);
    ASSERT_TRUE(published) << to_string(published.error());
    EXPECT_EQ(published->entity_tag.find('-') != std::string::npos, size_bytes >= kPart);
    const std::unique_ptr<BlobReader> reader = bucket.store().get(key).value();
    EXPECT_EQ(read_all(*reader, UINT64_MAX).value(), bytes);
    StringSink sink;
    ASSERT_TRUE(reader->write_to(sink, 3, size_bytes - 5));
    EXPECT_EQ(sink.text(), bytes.substr(3, size_bytes - 5));
  }
}

TEST(S3BlobStore, AReaderNeverMixesTwoVersions) {
  S3StoreUnderTest bucket;
  const ObjectKey key = key_of("1", "2", "3");
  constexpr size_t kSize = 6 << 20;  // more than the first window
  ASSERT_TRUE(publish_text(bucket.store(), key, pattern(kSize, 1)));
  const std::unique_ptr<BlobReader> reader = bucket.store().get(key).value();
  ASSERT_TRUE(bucket.store().remove(key));
  ASSERT_TRUE(publish_text(bucket.store(), key, pattern(kSize, 2)));
  EXPECT_EQ(reason_of(read_all(*reader, UINT64_MAX)), "no_such_blob");
}

TEST(S3BlobStore, WhatIsNoBlobIsForeignAndCanBePutAway) {
  S3StoreUnderTest bucket;
  ASSERT_TRUE(publish_text(bucket.store(), key_of("1", "2", "3"), "bytes"));
  S3Request put;
  put.method = "PUT";
  put.key = "radiology/notes.txt";
  put.text = "somebody's notes";
  ASSERT_TRUE(expect_success(bucket.client().send(put)));
  KeyCollector listed;
  ASSERT_TRUE(bucket.store().list({}, listed));
  EXPECT_EQ(listed.keys.size(), 1U);
  EXPECT_EQ(listed.foreign_paths, std::vector<std::string>{"radiology/notes.txt"});

  EXPECT_EQ(reason_of(bucket.store().quarantine_foreign(listed.keys[0])), "not_foreign");
  const std::string name = bucket.store().quarantine_foreign("radiology/notes.txt").value();
  EXPECT_EQ(bucket.objects().read_text(s3_own::quarantined(name)).value(), "somebody's notes");
  EXPECT_EQ(bucket.objects().read_text("radiology/notes.txt").value(), std::nullopt);
}

TEST(S3BlobStore, AQuarantinedBlobKeepsItsBytesAndIsDescribed) {
  S3StoreUnderTest bucket;
  const ObjectKey key = key_of("1", "2", "3");
  for (const size_t filler : {10U, 10'000U}) {
    const std::string bad = "bad " + std::to_string(filler);
    ASSERT_TRUE(publish_text(bucket.store(), key, bad,
                             attributes_of({{"filler", std::string(filler, 'x')}})));
    const std::string name = bucket.store().quarantine_published(key).value();
    EXPECT_EQ(bucket.objects().read_text(s3_own::quarantined(name)).value(), bad);
    const std::string description =
        bucket.objects().read_text(s3_own::quarantined(name + ".json")).value().value();
    EXPECT_NE(description.find(key.str()), std::string::npos);
    EXPECT_NE(description.find(std::string(filler, 'x')), std::string::npos);
  }
}

TEST(S3BlobStore, AListOfMoreThanAPage) {
  S3StoreUnderTest bucket;
  constexpr int kKeys = 1'100;  // a page has 1,000
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; i < kKeys; i += 8) {
        if (!publish_text(bucket.store(), key_of("1", std::to_string(i), "3"), "x")) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_EQ(failures, 0);
  KeyCollector listed;
  ASSERT_TRUE(bucket.store().list({}, listed));
  EXPECT_EQ(listed.keys.size(), size_t{kKeys});
  EXPECT_TRUE(std::is_sorted(listed.keys.begin(), listed.keys.end()));
}

TEST(S3BlobStore, EncryptionThatTheStoreDoesNotConfirmIsRefusedAtStart) {
  S3StoreUnderTest bucket;
  // radosgw takes the header, answers 200, and encrypts nothing; the others say that they cannot.
  bucket.settings.object_parameters.server_side_encryption = "AES256";
  EXPECT_EQ(reason_of(bucket.reopen()), is_store("radosgw") ? "not_encrypted" : "not_implemented");
}

TEST(S3BlobStore, EncryptionWithAKeyOfTheStoreIsConfirmed) {
  if (!is_store("radosgw")) GTEST_SKIP() << "this store was given no keys";
  S3StoreUnderTest bucket;
  bucket.settings.object_parameters.server_side_encryption = "aws:kms";
  bucket.settings.object_parameters.kms_key_id = "testkey-1";
  const Result<void> opened = bucket.reopen();
  ASSERT_TRUE(opened) << to_string(opened.error());
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(bucket.store(), key, pattern(100'000)));
  EXPECT_EQ(read_text(bucket.store(), key, ByteRange{5, 1'000}).value(),
            pattern(100'000).substr(5, 1'000));
  const S3Answer head = bucket.objects().find(key.str()).value().value();
  EXPECT_EQ(head.header("x-amz-server-side-encryption"), "aws:kms");
}

TEST(S3BlobStore, OfTwoProcessesThatCreateOneKeyOneWins) {
  if (is_store("swift")) GTEST_SKIP() << "Swift has no conditional PUT: claims alone decide";
  S3StoreUnderTest bucket;
  S3StoreOptions options;
  options.name = "s3";
  options.settings = bucket.settings;
  TemporaryFolder folder;
  options.staging_folder = folder / "staging";
  const auto other =
      open_s3_blob_store(options, bucket.credentials, bucket.clock, system_random()).value();
  for (int round = 0; round < 20; ++round) {
    const ObjectKey key = key_of("1", "2", std::to_string(round));
    Result<BlobInfo> theirs = unavailable("not_run", "");
    std::thread thread([&] { theirs = publish_text(*other, key, "theirs"); });
    const Result<BlobInfo> ours = publish_text(bucket.store(), key, "ours");
    thread.join();
    EXPECT_NE(ours.has_value(), theirs.has_value()) << reason_of(ours) << reason_of(theirs);
    EXPECT_EQ(read_text(bucket.store(), key).value(), ours ? "ours" : "theirs");
  }
}

class S3Urls : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(publish_text(bucket_.store(), key_, "0123456789")); }
  [[nodiscard]] std::string url(int64_t seconds, const SignOptions& options = {}) {
    const S3UrlSigner signer(bucket_.settings, bucket_.credentials, bucket_.clock);
    return signer.sign(key_, bucket_.clock.now() + seconds * 1000, options).value();
  }

  S3StoreUnderTest bucket_;
  const ObjectKey key_ = key_of("1", "2", "3", "ä b+c.dcm");
};

TEST_F(S3Urls, GiveTheBytesWithTheTypeThatWasSigned) {
  const http::ClientResponse whole =
      fetch(url(60, {"application/dicom", "attachment; filename=\"x y.dcm\""}));
  EXPECT_EQ(static_cast<int>(whole.status), 200);
  EXPECT_EQ(whole.body, "0123456789");
  EXPECT_EQ(whole.headers.find("Content-Type"), "application/dicom");
  EXPECT_EQ(whole.headers.find("Content-Disposition"), "attachment; filename=\"x y.dcm\"");
  const http::ClientResponse part = fetch(url(60), "GET", {{"Range", "bytes=2-4"}});
  EXPECT_EQ(static_cast<int>(part.status), 206);
  EXPECT_EQ(part.body, "234");
}

TEST_F(S3Urls, AreRefusedWhenExpiredAlteredOrUsedOtherwise) {
  const std::string short_lived = url(2);
  const std::string good = url(60);
  std::string forged = good;
  forged.back() = forged.back() == '0' ? '1' : '0';
  std::string longer = good;
  longer.replace(longer.find("X-Amz-Expires=60"), 16, "X-Amz-Expires=99");
  for (const std::string& bad : {forged, longer, good.substr(0, good.find('?'))}) {
    const int status = static_cast<int>(fetch(bad).status);
    // Swift takes a request without any signature for one of another API.
    EXPECT_TRUE(status == 403 || (is_store("swift") && status == 400)) << status << " " << bad;
  }
  EXPECT_EQ(static_cast<int>(fetch(good, "DELETE").status), 403);
  std::this_thread::sleep_for(std::chrono::milliseconds(3'100));
  EXPECT_EQ(static_cast<int>(fetch(short_lived).status), 403);
  EXPECT_EQ(static_cast<int>(fetch(good).status), 200);
}

}  // namespace
}  // namespace pacs::storage
