// The store over a server that the test scripts: what it asks for, and what it does not. The
// contract suite holds it against real stores.
#include "storage/s3_blob_store.h"

#include <atomic>
#include <string>

#include <gtest/gtest.h>

#include "core/crypto.h"
#include "http/test_support.h"
#include "tests/support/temporary_folder.h"

namespace pacs::storage {
namespace {

std::string upload_of_long_ago(std::string_view key) {
  return "<?xml version=\"1.0\"?><ListMultipartUploadsResult><Upload><Key>" + std::string(key) +
         "</Key><UploadId>u1</UploadId><Initiated>2020-01-01T00:00:00.000Z</Initiated></Upload>"
         "</ListMultipartUploadsResult>";
}

// A bucket that may only be read, with uploads in parts that were begun long ago: of an image and
// of bytes that went into the quarantine.
class BucketWithOldUploads {
 public:
  std::unique_ptr<BlobStore> open() {
    S3StoreOptions options;
    options.name = "s3";
    options.settings.bucket = "bucket";
    options.settings.region = "us-east-1";
    options.settings.endpoint_url = server_.url("");
    options.staging_folder = folder_ / "staging";
    return open_s3_blob_store(options, credentials_, clock_, random_).value();
  }
  std::atomic<int> requests{0};
  std::atomic<int> aborted{0};

 private:
  void answer(http::Request& request, http::ResponseWriter& writer) {
    ++requests;
    const bool names_upload = request.raw_query.find("uploadId=") != std::string::npos;
    if (request.method == http::Method::head) {
      writer.send(http::text(http::Status::ok, ""));
    } else if (request.method == http::Method::delete_) {
      aborted += names_upload ? 1 : 0;
      writer.send(http::text(http::Status::no_content, ""));
    } else if (request.method == http::Method::get &&
               request.raw_query.find("uploads=") != std::string::npos) {
      const bool is_quarantine = request.raw_query.find("quarantine") != std::string::npos;
      writer.send(http::text(http::Status::ok,
                             upload_of_long_ago(is_quarantine ? ".pacs-lite/quarantine/1/a.dcm"
                                                              : "radiology/1/2/3/a.dcm")));
    } else if (request.method == http::Method::get) {
      writer.send(http::text(http::Status::not_found, "<Error><Code>NoSuchKey</Code></Error>"));
    } else {
      writer.send(http::text(http::Status::forbidden, "<Error><Code>AccessDenied</Code></Error>"));
    }
  }

  testing_support::TemporaryFolder folder_;
  FixedAwsCredentials credentials_{{"id", "secret", "", 0}};
  SystemClock clock_;
  SystemRandom random_;
  http::RunningServer server_{
      [this](http::Request& request, http::ResponseWriter& writer) { answer(request, writer); }};
};

// A verification that only checks lists staging: it once aborted every upload of the bucket that
// was older than a day, also that of another program.
TEST(S3BlobStoreRequests, ListingWhatIsStagedAsksTheBucketForNothing) {
  BucketWithOldUploads bucket;
  const std::unique_ptr<BlobStore> store = bucket.open();
  const int before = bucket.requests;
  const auto listed = store->list_staged(std::chrono::hours(1));
  ASSERT_TRUE(listed);
  EXPECT_TRUE(listed->empty());
  EXPECT_EQ(bucket.requests, before);
  EXPECT_EQ(bucket.aborted, 0);
}

TEST(S3BlobStoreRequests, CleaningAbortsWhatIsOlderThanADay) {
  BucketWithOldUploads bucket;
  const std::unique_ptr<BlobStore> store = bucket.open();
  EXPECT_EQ(
      store->clean_staging(std::chrono::hours(1), [](std::string_view) { return true; }).value(),
      2U);
  EXPECT_EQ(bucket.aborted, 2);
}

}  // namespace
}  // namespace pacs::storage
