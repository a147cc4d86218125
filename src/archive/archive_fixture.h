// For the tests of this module: a real index in a temporary folder and blobs in memory.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "archive/offline_uploads.h"
#include "archive/remove.h"
#include "archive/retrieve.h"
#include "archive/store.h"
#include "index/database.h"
#include "storage/memory_blob_store.h"
#include "tests/support/dicom_builder.h"
#include "tests/support/scopes.h"
#include "tests/support/temporary_folder.h"

namespace pacs::archive {

inline std::string ct(const std::string& study, const std::string& series, const std::string& image,
                      const std::string& patient = "P1") {
  return testing::DicomBuilder::ct_slice(study, series, image)
      .text(dicom::tags::kPatientId, dicom::Vr::LO, patient)
      .build();
}

inline StoreRequest request_of(const std::string& actor = "token:1") {
  StoreRequest request;
  request.actor = {.id = actor, .name = "Alice", .request_id = "r1"};
  request.filename = "slice.dcm";
  return request;
}

class ArchiveTest : public ::testing::Test {
 protected:
  explicit ArchiveTest(StoreOptions options = {})
      : database_(
            index::Database::open(folder_.path() / "index.db", index::DatabaseOptions()).value()),
        stores_(storage::make_memory_blob_store()),
        room_(stores_, folder_.path().string(), 0, clock_, metrics_),
        store_(stores_, *database_, claims_, room_, tests::Scopes::everything(), clock_, metrics_,
               options),
        retrieve_(stores_, *database_, clock_, metrics_),
        guarded_clock_(clock_, *database_, metrics_),
        remove_(stores_, *database_, claims_, tests::Scopes::everything(), guarded_clock_),
        uploads_(
            store_, *database_, room_, tests::Scopes::everything(), clock_,
            [](const ReceiptFields& fields) {
              return R"({"sha256":")" + fields.sha256.hex() + R"("})";
            },
            index::PatientMismatch::refuse) {}

  Result<StoreOutcome> store(const std::string& content,
                             const StoreRequest& request = request_of()) {
    MemorySource source(as_bytes(content));
    return store_.store(request, source);
  }

  Result<std::string> content_of(const ObjectKey& key) {
    auto opened = PACS_TRY(retrieve_.open(tests::Scopes::everything(), key));
    return read_all(*opened.blob, UINT64_MAX);
  }

  // Puts other bytes where a blob is, behind the archive's back.
  void overwrite(const ObjectKey& key, const std::string& content) {
    storage::BlobStore& blobs = stores_.primary();
    ASSERT_TRUE(blobs.remove(key));
    auto staged = blobs.stage();
    ASSERT_TRUE(staged);
    ASSERT_TRUE((*staged)->append(as_bytes(content)));
    ASSERT_TRUE(blobs.publish(std::move(*staged), key, {}));
  }

  size_t blob_count() {
    struct Counter final : storage::BlobVisitor {
      size_t count = 0;
      storage::Visit blob(const storage::ListedBlob&) override {
        ++count;
        return storage::Visit::go_on;
      }
    } counter;
    EXPECT_TRUE(stores_.primary().list({}, counter));
    return counter.count;
  }

  testing_support::TemporaryFolder folder_;
  SystemClock clock_;
  Metrics metrics_;
  std::unique_ptr<index::Database> database_;
  Stores stores_;
  Claims claims_;
  Room room_;
  StoreService store_;
  RetrieveService retrieve_;
  GuardedClock guarded_clock_;
  RemoveService remove_;
  OfflineUploadService uploads_;
};

}  // namespace pacs::archive
