#include "archive/verify_pass.h"

#include <algorithm>
#include <thread>

#include "archive/blob_attributes.h"
#include "archive/verify_fixture.h"
#include "index/archive_state.h"
#include "index/resumable_uploads.h"
#include "index/trash.h"

namespace pacs::archive {
namespace {

using Kinds = std::vector<std::string>;

class VerifyPassTest : public VerifyTest {
 protected:
  // One of each kind of damage that a hand can do, beside an image that is whole.
  void damage_everything() {
    store(ct("1.2", "1.2.3", "1.2.3.1"));
    fs::remove(path_of(store(ct("1.2", "1.2.3", "1.2.3.2"))));
    const auto truncated = path_of(store(ct("1.2", "1.2.3", "1.2.3.3")));
    overwrite(truncated, content_of(truncated).substr(0, 100));
    const auto longer = path_of(store(ct("1.2", "1.2.3", "1.2.3.4")));
    overwrite(longer, content_of(longer) + "x");
    flip_a_bit(path_of(store(ct("1.2", "1.2.3", "1.2.3.5"))));
    set_attributes(path_of(store(ct("1.2", "1.2.3", "1.2.3.6"))), {});
    store_without_row(ct("1.2", "1.2.3", "1.2.3.7"));
    flip_a_bit(path_of(store_without_row(ct("1.2", "1.2.3", "1.2.3.8"))));
    const auto put_there = folder_.path() / "media/radiology/1.2/1.2.3/1.2.3.9/hand.dcm";
    fs::create_directories(put_there.parent_path());
    std::ofstream(put_there) << "no attributes";
    fs::create_symlink("/etc/passwd", folder_.path() / "media/radiology/1.2/1.2.3/link.dcm");
    std::ofstream(folder_.path() / "media/radiology/readme.txt") << "not a blob";
    const auto staged = stores_.primary().stage().value();
    ASSERT_TRUE(staged->append(as_bytes(std::string("half an upload"))));
    ASSERT_TRUE(staged->keep());
    const auto stray = folder_.path() / "media/.pacs-lite/staging" / staged->id();
    fs::last_write_time(stray, fs::file_time_type::clock::now() - std::chrono::hours(2));
  }
  static Kinds all_of_them() {
    return {"missing_blob",     "truncated",    "wrong_size",     "wrong_bytes",
            "wrong_attributes", "cut_ingest",   "damaged_orphan", "unknown_blob",
            "symbolic_link",    "foreign_file", "stray_staging"};
  }
};

TEST_F(VerifyPassTest, SaysNothingOfAWholeArchive) {
  for (const char* uid : {"1.2.3.4", "1.2.3.5", "1.2.3.6"}) store(ct("1.2", "1.2.3", uid));
  StoreRequest report = request_of();
  report.filename = "report.pdf";
  const auto last = store("%PDF-1.4 a report", report);
  const auto before = tree();
  for (const VerifyDepth depth : {VerifyDepth::presence, VerifyDepth::hashes}) {
    const FindingCollector seen = verify(depth);
    EXPECT_EQ(seen.kinds(), Kinds());
    EXPECT_EQ(seen.images, 4U);
    EXPECT_EQ(seen.files, 4U);
    EXPECT_EQ(seen.last.phase, VerifyPosition::Phase::done);
    const auto verified_at =
        index::ImageChecks(*database_).verified_at(tests::Scopes::everything(), last.id).value();
    EXPECT_EQ(verified_at.has_value(), depth == VerifyDepth::hashes);
  }
  EXPECT_EQ(tree(), before);
}

TEST_F(VerifyPassTest, FindsEachDamageAndChangesNothing) {
  damage_everything();
  const auto before = tree();
  FindingCollector seen = verify();
  auto kinds = seen.kinds();
  auto expected = all_of_them();
  std::sort(kinds.begin(), kinds.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(kinds, expected);
  EXPECT_EQ(tree(), before);
  for (const VerifyFinding& finding : seen.findings) {
    EXPECT_EQ(finding.repair.state, RepairState::not_asked);
    EXPECT_FALSE(finding.fault.detail.empty());
    EXPECT_FALSE(finding.path.empty());
  }
}

TEST_F(VerifyPassTest, PresenceFindsWhatNeedsNoReading) {
  damage_everything();
  const Kinds kinds = verify(VerifyDepth::presence).kinds();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "missing_blob"), 1);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "truncated"), 1);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), "wrong_bytes"), 0);
}

TEST_F(VerifyPassTest, FindsARowThatNamesAnotherImageThanItsFile) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const auto image = store(content);
  // The same bytes under a row of another image, as a mixed-up index would have it.
  index::Ingest ingest{.study_uid = *dicom::StudyUid::parse("1.9"),
                       .series_uid = *dicom::SeriesUid::parse("1.9.3"),
                       .image_uid = *dicom::SopInstanceUid::parse("1.9.3.4"),
                       .image = image.attributes};
  ingest.image.key = ObjectKey::make("1.9", "1.9.3", "1.9.3.4", "slice.dcm");
  auto staged = stores_.primary().stage().value();
  ASSERT_TRUE(staged->append(as_bytes(content)));
  const auto attributes = blob_attributes(ingest, request_of()).value();
  ASSERT_TRUE(stores_.primary().publish(std::move(staged), ingest.image.key, attributes));
  ASSERT_TRUE(index::Ingests(*database_).commit(ingest, audit_line({}, clock_, "test")));
  const FindingCollector seen = verify();
  ASSERT_EQ(seen.kinds(), Kinds{"wrong_header"});
  EXPECT_EQ(seen.findings[0].image_uid, "1.9.3.4");
  EXPECT_NE(seen.findings[0].fault.detail.find("StudyInstanceUID"), std::string::npos);
}

TEST_F(VerifyPassTest, ARenamedFileIsFoundOnBothSides) {
  const auto image = store(ct("1.2", "1.2.3", "1.2.3.4"));
  const auto elsewhere = folder_.path() / "media/radiology/1.2/1.2.3/1.2.3.5/slice.dcm";
  fs::create_directories(elsewhere.parent_path());
  fs::rename(path_of(image), elsewhere);
  EXPECT_EQ(verify().kinds(), (Kinds{"missing_blob", "wrong_key"}));
  fs::rename(elsewhere, path_of(image).parent_path() / "renamed.dcm");
  EXPECT_EQ(verify().kinds(), (Kinds{"missing_blob", "wrong_key"}));
}

// A flipped bit on the disk changes neither inode, size nor time: readers trust the file until a
// verification has read it.
TEST_F(VerifyPassTest, WhatWasFoundWrongIsNotServedAnyMore) {
  const auto image = store(ct("1.2", "1.2.3", "1.2.3.4"));
  flip_a_bit(path_of(image));
  const std::string identity = stores_.primary().stat(image.attributes.key)->identity;
  ASSERT_TRUE(index::Images(*database_).set_blob_identity(image.id, identity));
  ASSERT_TRUE(read(image)) << "the control: it would be served";
  EXPECT_EQ(verify().kinds(), Kinds{"wrong_bytes"});
  EXPECT_EQ(read(image).error().reason, "damaged");
}

TEST_F(VerifyPassTest, AnIngestInFlightIsNeitherReportedNorTouched) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const ObjectKey key = store_without_row(content);
  auto claim = std::make_unique<Claims::Claim>(
      claims_.claim(*dicom::SopInstanceUid::parse("1.2.3.4"), std::chrono::seconds(1)).value());
  FindingCollector seen;
  std::thread verifier([&] {
    EXPECT_TRUE(run(VerifyDepth::hashes, VerifyMode::repair, seen, [] { return false; }));
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  // The ingest commits, then lets go.
  index::Ingest ingest{.study_uid = *dicom::StudyUid::parse("1.2"),
                       .series_uid = *dicom::SeriesUid::parse("1.2.3"),
                       .image_uid = *dicom::SopInstanceUid::parse("1.2.3.4"),
                       .image = {.key = key,
                                 .store = "filesystem",
                                 .sha256 = sha256(as_bytes(content)),
                                 .size_bytes = static_cast<int64_t>(content.size()),
                                 .mime_type = "application/dicom"}};
  ASSERT_TRUE(index::Ingests(*database_).commit(ingest, audit_line({}, clock_, "image.store")));
  claim.reset();
  verifier.join();
  EXPECT_EQ(seen.kinds(), Kinds());
  EXPECT_TRUE(fs::exists(path_of(key)));
}

TEST_F(VerifyPassTest, AnImageInTheTrashIsNoLeftoverAndOneBeyondItIs) {
  const auto image = store(ct("1.2", "1.2.3", "1.2.3.4"));
  index::Trash trash(*database_);
  const index::Tombstone tombstone{.name = "t1", .store = "filesystem"};
  const int64_t tombstone_id = trash.plan({tombstone}).value().front();
  const index::AuditLine line = audit_line({}, clock_, "image.remove");
  const index::HideOrder order{.parts = {{tombstone_id, {image.id}}}, .purge_at = line.time};
  const auto hidden = trash.hide(order, line).value();
  ASSERT_EQ(hidden.size(), 1U);
  clock_.advance(std::chrono::hours(48));
  EXPECT_EQ(repair().kinds(), Kinds()) << "its bytes are wanted when it is restored";
  EXPECT_TRUE(fs::exists(path_of(image)));

  // Its row is gone for good, and its file could not be deleted.
  ASSERT_TRUE(trash.begin_purge(clock_.now(), hidden.size()));
  ASSERT_TRUE(trash.end_purge(hidden, line));
  EXPECT_EQ(verify().kinds(), Kinds{"removed_blob"});
}

TEST_F(VerifyPassTest, AnUploadThatIsWaitedForIsNoStray) {
  const auto staged = stores_.primary().stage().value();
  ASSERT_TRUE(staged->append(as_bytes(std::string("half an upload"))));
  ASSERT_TRUE(staged->keep());
  const auto path = folder_.path() / "media/.pacs-lite/staging" / staged->id();
  EXPECT_EQ(verify().kinds(), Kinds()) << "too young";
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_EQ(verify().kinds(), Kinds{"stray_staging"});
  index::ResumableUploads uploads(*database_);
  index::ResumableUpload upload;
  upload.id = std::string(32, 'a');
  upload.owner = "token:1";
  upload.size_bytes = 100;
  upload.expires_at = clock_.now() + 1'000'000;
  ASSERT_TRUE(uploads.create(upload, 10, audit_line({}, clock_, "upload.create")));
  ASSERT_TRUE(uploads.record(
      upload.id,
      {.staged_id = staged->id(), .durable_bytes = 14, .expires_at = upload.expires_at}));
  EXPECT_EQ(verify().kinds(), Kinds());
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(VerifyPassTest, ADiskThatIsNotMountedIsNoLostArchive) {
  store(ct("1.2", "1.2.3", "1.2.3.4"));
  index::ArchiveState state(*database_);
  ASSERT_TRUE(state.set(index::ArchiveState::kArchiveId, "6c4d16c9-6a0e-4d0b-9f6d-6f1f2f4f8a01",
                        audit_line({}, clock_, "archive.create")));
  FindingCollector seen;
  const auto done = run(VerifyDepth::presence, VerifyMode::check, seen, [] { return false; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, "store_of_another");
  EXPECT_EQ(seen.kinds(), Kinds());
}

TEST_F(VerifyPassTest, GoesOnWhereItStopped) {
  std::vector<index::ImageRecord> images;
  for (int i = 0; i < 300; ++i) {
    images.push_back(store(ct("1.2", "1.2.3", "1.2.3." + std::to_string(i + 1))));
  }
  fs::remove(path_of(images.back()));
  FindingCollector first;
  const auto stop_after_a_page = [&] { return first.last.after_image_id > 0; };
  const auto stopped = run(VerifyDepth::presence, VerifyMode::check, first, stop_after_a_page);
  ASSERT_FALSE(stopped);
  EXPECT_TRUE(is_stop(stopped.error()));
  EXPECT_LT(first.images, 300U);
  const auto kept = VerifyPosition::from_json(first.last.to_json());
  ASSERT_TRUE(kept);
  FindingCollector rest;
  ASSERT_TRUE(run(
      VerifyDepth::presence, VerifyMode::check, rest, [] { return false; }, *kept));
  EXPECT_EQ(rest.images, 300U - 256U);
  EXPECT_EQ(rest.kinds(), Kinds{"missing_blob"});
}

}  // namespace
}  // namespace pacs::archive
