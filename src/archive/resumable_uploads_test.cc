#include "archive/resumable_uploads.h"

#include <algorithm>

#include "archive/archive_fixture.h"

namespace pacs::archive {
namespace {

using index::ResumableState;
using index::ResumableUpload;

const Actor kAlice{.id = "token:1", .name = "Alice", .request_id = "r1"};
const Actor kBob{.id = "token:2", .name = "Bob", .request_id = "r2"};

// Gives its bytes and then breaks, as a link does.
class BrokenSource final : public ByteSource {
 public:
  explicit BrokenSource(std::string_view text) : bytes_(as_bytes(text)) {}
  Result<size_t> read_some(MutableBytes buffer) override {
    if (bytes_.empty()) return unavailable("client_gone", "the connection ended too early");
    const size_t count = std::min(bytes_.size(), buffer.size());
    std::copy_n(bytes_.begin(), count, buffer.begin());
    bytes_ = bytes_.subspan(count);
    return count;
  }

 private:
  Bytes bytes_;
};

class ResumableUploadTest : public ArchiveTest {
 protected:
  ResumableUploadTest()
      : manual_clock_(1'700'000'000'000),
        guarded_(manual_clock_, *database_, metrics_),
        service_(store_, uploads_, stores_, *database_, room_, tests::Scopes::everything(),
                 guarded_, random_, metrics_, options()) {}

  static ResumableOptions options() {
    ResumableOptions options;
    options.upload_bytes_max = 1024 * 1024;
    options.checkpoints.step_bytes = 256;
    options.open_uploads_max = 3;
    options.wait_max = std::chrono::milliseconds(10);
    return options;
  }

  ResumableUpload begin(size_t size_bytes, std::optional<Uuid> image_uuid = std::nullopt) {
    auto upload = service_.create(
        kAlice, {.size_bytes = size_bytes, .metadata = "", .image_uuid = std::move(image_uuid)});
    EXPECT_TRUE(upload) << to_string(upload.error());
    return *upload;
  }

  static Piece piece_of(const ResumableUpload& upload, uint64_t offset) {
    Piece piece;
    piece.upload_id = upload.id;
    piece.offset = offset;
    piece.store = request_of();
    return piece;
  }

  Result<ResumableUpload> send(const ResumableUpload& upload, uint64_t offset,
                               std::string_view bytes) {
    MemorySource source(as_bytes(bytes));
    return service_.append(kAlice, piece_of(upload, offset), source);
  }

  int64_t offset_of(const ResumableUpload& upload) {
    const auto found = service_.find(kAlice, upload.id);
    return found ? found->durable_bytes : -1;
  }

  ManualClock manual_clock_;
  GuardedClock guarded_;
  SystemRandom random_;
  ResumableUploadService service_;
  const std::string content_ = ct("1.2", "1.2.3", "1.2.3.4");
  const ObjectKey key_ = ObjectKey::make("1.2", "1.2.3", "1.2.3.4", "slice.dcm");
};

TEST_F(ResumableUploadTest, StoresWhatCameInPieces) {
  const auto upload = begin(content_.size());
  ASSERT_TRUE(send(upload, 0, content_.substr(0, 100)));
  EXPECT_EQ(offset_of(upload), 100);
  ASSERT_TRUE(send(upload, 100, content_.substr(100, 300)));
  EXPECT_EQ(blob_count(), 0U) << "not before it is whole";
  const auto last = send(upload, 400, content_.substr(400));
  ASSERT_TRUE(last) << to_string(last.error());
  EXPECT_EQ(last->state, ResumableState::stored);
  EXPECT_EQ(content_of(key_).value(), content_);
  EXPECT_EQ(offset_of(upload), static_cast<int64_t>(content_.size()));
  EXPECT_EQ(service_.image_of(*last).value()->image_uid.str(), "1.2.3.4");

  const auto again = send(upload, content_.size(), "");
  ASSERT_TRUE(again) << "the answer was lost";
  EXPECT_EQ(again->image_id, last->image_id);
  EXPECT_EQ(send(upload, 400, content_.substr(400)).error().reason, "offset_mismatch");
  EXPECT_EQ(blob_count(), 1U);
}

TEST_F(ResumableUploadTest, TakesTheSameImageTwice) {
  ASSERT_TRUE(store(content_));
  const auto upload = begin(content_.size());
  ASSERT_TRUE(send(upload, 0, content_.substr(0, 400)));
  ASSERT_TRUE(send(upload, 400, content_.substr(400)));
  EXPECT_EQ(blob_count(), 1U);
  EXPECT_EQ(service_.settle_staging().value(), 0U) << "nothing is left in staging";
}

TEST_F(ResumableUploadTest, KeepsWhatHadArrivedWhenTheLinkBreaks) {
  const auto upload = begin(content_.size());
  BrokenSource cut(std::string_view(content_).substr(0, 333));
  EXPECT_EQ(service_.append(kAlice, piece_of(upload, 0), cut).error().reason, "client_gone");
  EXPECT_EQ(offset_of(upload), 333);
  ASSERT_TRUE(send(upload, 333, content_.substr(333)));
  EXPECT_EQ(content_of(key_).value(), content_);
}

// A last piece that was cut behind its last byte must not look as if the image were stored.
TEST_F(ResumableUploadTest, NeverTellsTheWholeLengthBeforeTheImageIsStored) {
  const auto upload = begin(content_.size());
  BrokenSource cut(content_);
  ASSERT_FALSE(service_.append(kAlice, piece_of(upload, 0), cut));
  EXPECT_EQ(offset_of(upload), static_cast<int64_t>(content_.size()) - 1);
  ASSERT_TRUE(send(upload, content_.size() - 1, content_.substr(content_.size() - 1)));
  EXPECT_EQ(content_of(key_).value(), content_);
}

TEST_F(ResumableUploadTest, RefusesAPieceAtAnotherPlaceOrBeyondTheEnd) {
  const auto upload = begin(content_.size());
  ASSERT_TRUE(send(upload, 0, content_.substr(0, 50)));
  EXPECT_EQ(send(upload, 0, content_.substr(0, 50)).error().reason, "offset_mismatch");
  EXPECT_EQ(send(upload, 51, content_.substr(51)).error().reason, "offset_mismatch");
  Piece declared = piece_of(upload, 50);
  declared.length = content_.size();
  MemorySource source(as_bytes(content_));
  EXPECT_EQ(service_.append(kAlice, std::move(declared), source).error().reason, "piece_too_long");
  EXPECT_EQ(offset_of(upload), 50);
  EXPECT_EQ(send(upload, 50, content_.substr(50) + "x").error().reason, "piece_too_long");
  EXPECT_EQ(blob_count(), 0U);
  // It was about the piece: the upload goes on, and ends with its bytes when it is ended.
  const int64_t kept = offset_of(upload);
  EXPECT_GE(kept, 50);
  ASSERT_TRUE(send(upload, static_cast<size_t>(kept), content_.substr(static_cast<size_t>(kept))));
  EXPECT_EQ(content_of(key_).value(), content_);
}

TEST_F(ResumableUploadTest, DropsAPieceThatLacksItsChecksum) {
  const auto upload = begin(content_.size());
  ASSERT_TRUE(send(upload, 0, content_.substr(0, 300)));
  const std::string rest = content_.substr(300);
  const auto send_checked = [&](const std::string& bytes) {
    const Sha256Digest wanted = sha256(as_bytes(rest));
    Piece piece = piece_of(upload, 300);
    piece.digest =
        PieceDigest::create("sha256", ByteVector(wanted.bytes.begin(), wanted.bytes.end()));
    MemorySource source(as_bytes(bytes));
    return service_.append(kAlice, std::move(piece), source);
  };
  std::string damaged = rest;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  EXPECT_EQ(send_checked(damaged).error().reason, "piece_checksum_mismatch");
  EXPECT_EQ(offset_of(upload), 300);
  ASSERT_TRUE(send_checked(rest));
  EXPECT_EQ(content_of(key_).value(), content_);
}

TEST_F(ResumableUploadTest, IsUnknownToAnybodyElse) {
  const auto upload = begin(content_.size());
  EXPECT_EQ(service_.find(kBob, upload.id).error().reason, "no_such_resumable_upload");
  MemorySource source(as_bytes(content_));
  EXPECT_EQ(service_.append(kBob, piece_of(upload, 0), source).error().reason,
            "no_such_resumable_upload");
  EXPECT_EQ(service_.remove(kBob, upload.id).error().reason, "no_such_resumable_upload");
  EXPECT_EQ(offset_of(upload), 0);
}

TEST_F(ResumableUploadTest, MovesAnAnnouncedRecordOn) {
  const Uuid uuid = Uuid::random(random_);
  ASSERT_TRUE(uploads_.announce(
      kAlice, {.image_uuid = uuid,
               .order = index::OrderReference{index::OrderKind::radiology_order, 5},
               .filename = "slice.dcm",
               .file_size = static_cast<int64_t>(content_.size()),
               .mime_type = "",
               .checksum = sha256(as_bytes(content_)),
               .declared = {},
               .session_id = {},
               .sequence_number = {}}));
  EXPECT_EQ(
      service_.create(kAlice, {.size_bytes = 5, .metadata = "", .image_uuid = uuid}).error().reason,
      "size_mismatch");
  const auto upload = begin(content_.size(), uuid);
  EXPECT_EQ(upload.announced_uuid, uuid);
  ASSERT_TRUE(send(upload, 0, content_.substr(0, 200)));
  ASSERT_TRUE(send(upload, 200, content_.substr(200)));
  const auto acknowledged = uploads_.acknowledge(kAlice, uuid);
  ASSERT_TRUE(acknowledged) << to_string(acknowledged.error());
  EXPECT_EQ(acknowledged->status, index::UploadStatus::ack_received);
}

TEST_F(ResumableUploadTest, RemembersThatTheWholeWasRefused) {
  ASSERT_TRUE(store(content_));
  const std::string other = ct("1.2", "1.2.3", "1.2.3.4", "P1 again");
  const auto upload = begin(other.size());
  ASSERT_TRUE(send(upload, 0, other.substr(0, 300)));
  EXPECT_EQ(send(upload, 300, other.substr(300)).error().reason, "uid_conflict");
  EXPECT_EQ(send(upload, 300, other.substr(300)).error().reason, "uid_conflict") << "again";
  EXPECT_EQ(service_.find(kAlice, upload.id)->state, ResumableState::failed);
  EXPECT_EQ(content_of(key_).value(), content_);
}

// What the process had written behind its last checkpoint is not known to be on the disk.
TEST_F(ResumableUploadTest, GoesOnAfterARestartFromWhatWasRecorded) {
  const auto upload = begin(content_.size());
  ASSERT_TRUE(send(upload, 0, content_.substr(0, 300)));
  const auto row = service_.find(kAlice, upload.id);
  {
    auto staged = stores_.primary().reopen_staged(row->staged_id);
    ASSERT_TRUE(staged);
    ASSERT_TRUE((*staged)->append(as_bytes("written and never confirmed")));
    ASSERT_TRUE((*staged)->keep());
  }
  ResumableUploadService restarted(store_, uploads_, stores_, *database_, room_,
                                   tests::Scopes::everything(), guarded_, random_, metrics_,
                                   options());
  EXPECT_EQ(restarted.settle_staging().value(), 0U) << "it is wanted";
  EXPECT_EQ(restarted.find(kAlice, upload.id)->durable_bytes, 300);
  MemorySource rest(as_bytes(std::string_view(content_).substr(300)));
  ASSERT_TRUE(restarted.append(kAlice, piece_of(upload, 300), rest));
  EXPECT_EQ(content_of(key_).value(), content_);
}

TEST_F(ResumableUploadTest, BeginsAnewWhenItsBytesAreGone) {
  const auto upload = begin(content_.size());
  ASSERT_TRUE(send(upload, 0, content_.substr(0, 300)));
  ASSERT_TRUE(stores_.primary().discard_staged(service_.find(kAlice, upload.id)->staged_id));
  EXPECT_EQ(send(upload, 300, content_.substr(300)).error().reason, "offset_mismatch");
  EXPECT_EQ(offset_of(upload), 0);
  ASSERT_TRUE(send(upload, 0, content_));
  EXPECT_EQ(content_of(key_).value(), content_);
}

TEST_F(ResumableUploadTest, ExpiresWhatNobodyGoesOnWith) {
  const auto upload = begin(content_.size());
  ASSERT_TRUE(send(upload, 0, content_.substr(0, 300)));
  const std::string staged_id = service_.find(kAlice, upload.id)->staged_id;
  manual_clock_.advance(std::chrono::hours(6 * 24));
  ASSERT_TRUE(send(upload, 300, content_.substr(300, 10)));
  manual_clock_.advance(std::chrono::hours(6 * 24));
  EXPECT_EQ(service_.expire().value(), 0U) << "each piece prolongs it";
  manual_clock_.advance(std::chrono::hours(24));
  EXPECT_EQ(offset_of(upload), -1) << "its time is over, whether or not it was swept away";
  EXPECT_EQ(service_.expire().value(), 1U);
  EXPECT_FALSE(stores_.primary().reopen_staged(staged_id));
}

TEST_F(ResumableUploadTest, AClockThatIsSetForwardExpiresNothing) {
  const auto upload = begin(content_.size());
  ASSERT_TRUE(send(upload, 0, content_.substr(0, 300)));
  const UnixMillis right = manual_clock_.now();
  for (const int64_t step_days : {365, -365}) {
    manual_clock_.set(right + step_days * 86'400'000);
    EXPECT_EQ(service_.expire().value(), 0U);
    EXPECT_EQ(offset_of(upload), 300);
    ASSERT_TRUE(send(upload, 300, ""));
    manual_clock_.set(right);
    EXPECT_EQ(service_.expire().value(), 0U) << "the clock was put right";
  }
  ASSERT_TRUE(send(upload, 300, content_.substr(300)));
  EXPECT_EQ(content_of(key_).value(), content_);
}

TEST_F(ResumableUploadTest, EndsWithItsBytes) {
  const auto upload = begin(content_.size());
  ASSERT_TRUE(send(upload, 0, content_.substr(0, 300)));
  const std::string staged_id = service_.find(kAlice, upload.id)->staged_id;
  ASSERT_TRUE(service_.remove(kAlice, upload.id));
  EXPECT_EQ(offset_of(upload), -1);
  EXPECT_FALSE(stores_.primary().reopen_staged(staged_id));
}

TEST_F(ResumableUploadTest, HasLimits) {
  EXPECT_EQ(
      service_.create(kAlice, {.size_bytes = 0, .metadata = "", .image_uuid = {}}).error().reason,
      "empty_file");
  EXPECT_EQ(
      service_.create(kAlice, {.size_bytes = 1024 * 1024 + 1, .metadata = "", .image_uuid = {}})
          .error()
          .reason,
      "too_large");
  for (int i = 0; i < 3; ++i) begin(10);
  EXPECT_EQ(
      service_.create(kAlice, {.size_bytes = 10, .metadata = "", .image_uuid = {}}).error().reason,
      "too_many_uploads");
  EXPECT_TRUE(service_.create(kBob, {.size_bytes = 10, .metadata = "", .image_uuid = {}}));
}

}  // namespace
}  // namespace pacs::archive
