#include "archive/offline_uploads.h"

#include "archive/archive_fixture.h"

namespace pacs::archive {
namespace {

class OfflineUploadTest : public ArchiveTest {
 protected:
  Announcement announcement(const std::string& content) {
    return {.image_uuid = *Uuid::parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
            .order = {},
            .filename = "chest.dcm",
            .file_size = static_cast<int64_t>(content.size()),
            .mime_type = "application/octet-stream",
            .checksum = sha256(as_bytes(content)),
            .declared = {},
            .session_id = {},
            .sequence_number = {}};
  }

  Result<ReceivedBinary> receive(const Uuid& image_uuid, const std::string& content) {
    MemorySource source(as_bytes(content));
    return uploads_.receive(technician_, image_uuid, source);
  }

  const Actor technician_{.id = "token:7", .name = "Tina", .request_id = "r1"};
};

TEST_F(OfflineUploadTest, WalksThroughItsStatesAndRepeatsEachAnswer) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const Announcement announced = announcement(content);
  EXPECT_EQ(receive(announced.image_uuid, content).error().reason, "metadata_missing");

  const auto created = uploads_.announce(technician_, announced);
  ASSERT_TRUE(created) << to_string(created.error());
  EXPECT_EQ(created->kind, index::AnnounceOutcome::Kind::created);
  EXPECT_EQ(uploads_.announce(technician_, announced)->kind, index::AnnounceOutcome::Kind::existed);
  EXPECT_EQ(uploads_.acknowledge(technician_, announced.image_uuid).error().reason,
            "bytes_missing");

  const auto received = receive(announced.image_uuid, content);
  ASSERT_TRUE(received) << to_string(received.error());
  EXPECT_EQ(received->kind, StoreOutcome::Kind::stored);
  EXPECT_EQ(received->upload.status, index::UploadStatus::binary_uploaded);
  EXPECT_EQ(receive(announced.image_uuid, content)->kind, StoreOutcome::Kind::existed);

  const auto acknowledged = uploads_.acknowledge(technician_, announced.image_uuid);
  ASSERT_TRUE(acknowledged) << to_string(acknowledged.error());
  EXPECT_EQ(acknowledged->status, index::UploadStatus::ack_received);
  EXPECT_NE(acknowledged->receipt.find(announced.checksum.hex()), std::string::npos);
  EXPECT_EQ(uploads_.acknowledge(technician_, announced.image_uuid)->receipt,
            acknowledged->receipt);
  const auto repeated = receive(announced.image_uuid, content);
  ASSERT_TRUE(repeated) << to_string(repeated.error());
  EXPECT_EQ(repeated->upload.status, index::UploadStatus::ack_received) << "never goes back";
}

TEST_F(OfflineUploadTest, FailsOnOtherBytesAndTakesTheRightOnesLater) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const Announcement announced = announcement(content);
  ASSERT_TRUE(uploads_.announce(technician_, announced));
  std::string damaged = content;
  damaged.back() ^= 1;
  EXPECT_EQ(receive(announced.image_uuid, damaged).error().reason, "checksum_mismatch");
  EXPECT_EQ(blob_count(), 0U);
  EXPECT_EQ(uploads_.acknowledge(technician_, announced.image_uuid).error().reason,
            "bytes_missing");
  const auto retried = uploads_.retry(technician_, announced.image_uuid);
  ASSERT_TRUE(retried);
  EXPECT_EQ(retried->status, index::UploadStatus::metadata_uploaded);
  EXPECT_TRUE(receive(announced.image_uuid, content));
}

TEST_F(OfflineUploadTest, KeepsItsReceiptWhenTheImageIsRemovedLater) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const Announcement announced = announcement(content);
  ASSERT_TRUE(uploads_.announce(technician_, announced));
  const auto received = receive(announced.image_uuid, content);
  ASSERT_TRUE(received);
  const auto first = uploads_.acknowledge(technician_, announced.image_uuid);
  ASSERT_TRUE(first);
  ASSERT_TRUE(remove_.remove({.study_ids = {}, .series_ids = {}, .image_ids = {received->image.id}},
                             {.id = "token:1", .name = "Admin", .request_id = "r2"}));
  // Its answer was lost: told to send the bytes again, the client would undo the removal.
  const auto repeated = uploads_.acknowledge(technician_, announced.image_uuid);
  ASSERT_TRUE(repeated) << to_string(repeated.error());
  EXPECT_EQ(repeated->receipt, first->receipt);
}

TEST_F(OfflineUploadTest, TakesNoMoreThanWasDeclared) {
  struct Endless final : ByteSource {
    uint64_t sent = 0;
    Result<size_t> read_some(MutableBytes buffer) override {
      sent += buffer.size();
      return buffer.size();
    }
  } endless;
  const Announcement announced = announcement(ct("1.2", "1.2.3", "1.2.3.4"));
  ASSERT_TRUE(uploads_.announce(technician_, announced));
  EXPECT_EQ(uploads_.receive(technician_, announced.image_uuid, endless).error().reason,
            "size_mismatch");
  EXPECT_LT(endless.sent, uint64_t{1} << 20);
  EXPECT_EQ(blob_count(), 0U);
}

TEST_F(OfflineUploadTest, BelongsToWhoAnnouncedIt) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const Announcement announced = announcement(content);
  ASSERT_TRUE(uploads_.announce(technician_, announced));
  MemorySource source(as_bytes(content));
  const Actor other{.id = "token:8", .name = "Tom", .request_id = "r2"};
  EXPECT_EQ(uploads_.receive(other, announced.image_uuid, source).error().reason,
            "metadata_missing");
  // The same instance announced by both is one image with a receipt each.
  ASSERT_TRUE(receive(announced.image_uuid, content));
  ASSERT_TRUE(uploads_.announce(other, announced));
  MemorySource again(as_bytes(content));
  ASSERT_TRUE(uploads_.receive(other, announced.image_uuid, again));
  EXPECT_TRUE(uploads_.acknowledge(other, announced.image_uuid));
  EXPECT_TRUE(uploads_.acknowledge(technician_, announced.image_uuid));
  EXPECT_EQ(blob_count(), 1U);
}

}  // namespace
}  // namespace pacs::archive
