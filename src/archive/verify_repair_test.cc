#include "archive/verify_repair.h"

#include "archive/verify_fixture.h"
#include "index/resumable_uploads.h"
#include "index/trash.h"

namespace pacs::archive {
namespace {

using Kinds = std::vector<std::string>;

class VerifyRepairTest : public VerifyTest {
 protected:
  std::optional<index::ImageRecord> row_of(const ObjectKey& key) {
    return index::Images(*database_).find(tests::Scopes::everything(), key).value();
  }
};

TEST_F(VerifyRepairTest, MovesWrongBytesAwaySoThatAResendHeals) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const auto image = store(content);
  flip_a_bit(path_of(image));
  const FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), Kinds{"wrong_bytes"});
  EXPECT_TRUE(seen.findings[0].needs_attention()) << "the image is not back yet";
  EXPECT_EQ(quarantined(), 1U);
  EXPECT_EQ(verify().kinds(), Kinds{"missing_blob"});
  store(content);
  EXPECT_EQ(read(image).value(), content);
  EXPECT_EQ(verify().kinds(), Kinds());
}

TEST_F(VerifyRepairTest, WritesAttributesAgainAndKeepsWhatTheRowDoesNotTell) {
  StoreRequest request = request_of();
  request.order = index::OrderReference{index::OrderKind::radiology_order, 12};
  const auto image = store(ct("1.2", "1.2.3", "1.2.3.4"), request);
  const auto attributes = stores_.primary().stat(image.attributes.key)->attributes;
  auto wrong = attributes;
  ASSERT_TRUE(wrong.set("study-uid", "1.3"));
  set_attributes(path_of(image), wrong);
  EXPECT_EQ(repair().findings.at(0).repair.state, RepairState::repaired);
  EXPECT_EQ(stores_.primary().stat(image.attributes.key)->attributes, attributes);
  EXPECT_EQ(verify().kinds(), Kinds());
}

TEST_F(VerifyRepairTest, ACutIngestHasADayForItsSenderToComeBack) {
  const ObjectKey key = store_without_row(ct("1.2", "1.2.3", "1.2.3.4"));
  FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), Kinds{"cut_ingest"});
  EXPECT_EQ(seen.findings[0].repair.state, RepairState::left);
  EXPECT_FALSE(seen.findings[0].needs_attention());
  EXPECT_TRUE(fs::exists(path_of(key)));

  clock_.advance(kMoreThanADay);
  store(ct("1.2", "1.2.3", "1.2.3.5"));  // the index lived on, and knows of no such image
  seen = repair();
  ASSERT_EQ(seen.kinds(), Kinds{"cut_ingest"});
  EXPECT_EQ(seen.findings[0].repair.state, RepairState::repaired);
  EXPECT_FALSE(fs::exists(path_of(key)));
  EXPECT_EQ(quarantined(), 1U);
  EXPECT_EQ(verify().kinds(), Kinds());
}

// The index is an older copy: what it does not know may have been acknowledged.
TEST_F(VerifyRepairTest, IndexesAnOrphanAgainAsItWas) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  clock_.advance(-2 * kMoreThanADay);  // before the first start that this index knows of
  StoreRequest request = request_of("token:7");
  request.order = index::OrderReference{index::OrderKind::radiology_request, 9};
  const UnixMillis stored_at = clock_.now();
  const ObjectKey key = store_without_row(content, request);
  StoreRequest report = request_of("token:7");
  report.filename = "report.pdf";
  const ObjectKey report_key = store_without_row("%PDF-1.4 a report", report);
  clock_.advance(2 * kMoreThanADay);
  const FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), (Kinds{"orphan", "orphan"}));
  for (const VerifyFinding& finding : seen.findings) {
    EXPECT_EQ(finding.repair.state, RepairState::repaired) << finding.repair.detail;
  }
  const auto row = row_of(key);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->attributes.stored_at, stored_at);
  EXPECT_EQ(row->attributes.owner, "token:7");
  EXPECT_EQ(row->attributes.uploader_name, "Alice");
  EXPECT_EQ(row->image_uid.str(), "1.2.3.4");
  EXPECT_EQ(read(*row).value(), content);
  ASSERT_TRUE(row_of(report_key));
  EXPECT_EQ(verify().kinds(), Kinds());
  EXPECT_EQ(quarantined(), 0U);
}

TEST_F(VerifyRepairTest, PutsARenamedFileBack) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const auto image = store(content);
  const auto elsewhere = folder_.path() / "media/radiology/1.2/1.2.3/1.2.3.5/slice.dcm";
  fs::create_directories(elsewhere.parent_path());
  fs::rename(path_of(image), elsewhere);
  const FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), (Kinds{"missing_blob", "wrong_key"}));
  EXPECT_EQ(seen.findings[1].repair.state, RepairState::repaired);
  EXPECT_EQ(read(image).value(), content);
  EXPECT_FALSE(fs::exists(elsewhere));
  EXPECT_EQ(quarantined(), 1U) << "the misplaced copy is kept";
  EXPECT_EQ(verify().kinds(), Kinds());
}

TEST_F(VerifyRepairTest, MovesWhatIsNoBlobAwayAndFollowsNoLink) {
  const auto image = store(ct("1.2", "1.2.3", "1.2.3.4"));
  std::ofstream(folder_.path() / "secret") << "secret";
  fs::create_symlink(folder_.path() / "secret", folder_.path() / "media/radiology/1.2/link");
  std::ofstream(folder_.path() / "media/radiology/readme.txt") << "not a blob";
  flip_a_bit(path_of(store_without_row(ct("1.2", "1.2.3", "1.2.3.8"))));
  const FindingCollector seen = repair();
  EXPECT_EQ(seen.findings.size(), 3U);
  for (const VerifyFinding& finding : seen.findings) {
    EXPECT_EQ(finding.repair.state, RepairState::repaired) << finding.path;
  }
  EXPECT_EQ(quarantined(), 3U);
  EXPECT_EQ(content_of(folder_.path() / "secret"), "secret");
  EXPECT_EQ(verify().kinds(), Kinds());
  EXPECT_TRUE(read(image));
}

TEST_F(VerifyRepairTest, MovesAStrayUploadAwayAndLeavesOneThatIsWaitedFor) {
  const auto stage = [&](const std::string& bytes) {
    const auto staged = stores_.primary().stage().value();
    EXPECT_TRUE(staged->append(as_bytes(bytes)));
    EXPECT_TRUE(staged->keep());
    const auto path = folder_.path() / "media/.pacs-lite/staging" / staged->id();
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(2));
    return path;
  };
  const fs::path stray = stage("nobody waits for this");
  const fs::path wanted = stage("half an upload");
  index::ResumableUploads uploads(*database_);
  index::ResumableUpload upload;
  upload.id = std::string(32, 'a');
  upload.owner = "token:1";
  upload.size_bytes = 100;
  upload.expires_at = clock_.now() + 1'000'000;
  ASSERT_TRUE(uploads.create(upload, 10, audit_line({}, clock_, "upload.create")));
  ASSERT_TRUE(uploads.record(
      upload.id,
      {.staged_id = wanted.filename(), .durable_bytes = 14, .expires_at = upload.expires_at}));
  const FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), Kinds{"stray_staging"});
  EXPECT_EQ(seen.findings[0].repair.state, RepairState::repaired) << seen.findings[0].repair.detail;
  EXPECT_FALSE(fs::exists(stray));
  EXPECT_EQ(content_of(wanted), "half an upload");
  ASSERT_EQ(quarantined(), 1U) << "nothing is deleted";
  for (const auto& entry : fs::directory_iterator(folder_.path() / "media/.pacs-lite/quarantine")) {
    if (entry.path().extension() != ".json") {
      EXPECT_EQ(content_of(entry.path()), "nobody waits for this");
    }
  }
  EXPECT_EQ(repair().kinds(), Kinds());
}

TEST_F(VerifyRepairTest, MovesAwayTheFileOfARemovedImageThatCouldNotBeDeleted) {
  const std::string content = ct("1.2", "1.2.3", "1.2.3.4");
  const auto image = store(content);
  index::Trash trash(*database_);
  const index::Tombstone tombstone{.name = "t1", .store = "filesystem"};
  const int64_t tombstone_id = trash.plan({tombstone}).value().front();
  const index::AuditLine line = audit_line({}, clock_, "image.remove");
  const index::HideOrder order{.parts = {{tombstone_id, {image.id}}}, .purge_at = line.time};
  const auto hidden = trash.hide(order, line).value();
  ASSERT_TRUE(trash.begin_purge(clock_.now(), hidden.size()));
  ASSERT_TRUE(trash.end_purge(hidden, line));
  clock_.advance(std::chrono::hours(48));
  const FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), Kinds{"removed_blob"});
  EXPECT_EQ(seen.findings[0].repair.state, RepairState::repaired) << seen.findings[0].repair.detail;
  EXPECT_FALSE(fs::exists(path_of(image)));
  EXPECT_EQ(quarantined(), 1U);
  EXPECT_FALSE(row_of(image.attributes.key)) << "what was removed stays removed";
  EXPECT_EQ(verify().kinds(), Kinds());
}

TEST_F(VerifyRepairTest, LeavesWhatNobodyCanJudge) {
  const auto path = folder_.path() / "media/radiology/1.2/1.2.3/1.2.3.9/hand.dcm";
  fs::create_directories(path.parent_path());
  std::ofstream(path) << ct("1.2", "1.2.3", "1.2.3.9");
  const FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), Kinds{"unknown_blob"});
  EXPECT_EQ(seen.findings[0].repair.state, RepairState::left);
  EXPECT_TRUE(fs::exists(path));
}

TEST_F(VerifyRepairTest, CanBeStoppedAnywhereAndRunAgain) {
  for (int i = 1; i <= 6; ++i) {
    flip_a_bit(path_of(store_without_row(ct("1.2", "1.2.3", "1.2.3." + std::to_string(i)))));
  }
  const auto whole = store(ct("1.2", "1.2.3", "1.2.3.7"));
  for (size_t stop_after = 1; stop_after <= 6; ++stop_after) {
    FindingCollector seen;
    const auto stopped =
        run(VerifyDepth::hashes, VerifyMode::repair, seen, [&] { return !seen.findings.empty(); });
    ASSERT_FALSE(stopped && stop_after < 6);
    EXPECT_EQ(seen.findings.size(), 1U);
    EXPECT_EQ(quarantined(), stop_after);
  }
  EXPECT_EQ(repair().kinds(), Kinds());
  EXPECT_EQ(quarantined(), 6U);
  EXPECT_TRUE(read(whole));
}

}  // namespace
}  // namespace pacs::archive
