#include "archive/remove.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "archive/archive_fixture.h"
#include "archive/tombstones.h"
#include "index/audit_log.h"
#include "index/study_holds.h"

namespace pacs::archive {
namespace {

using tests::Scopes;

template <typename T>
std::string reason_of(const Result<T>& result) {
  return result ? "success" : result.error().reason;
}

class RemoveTest : public ArchiveTest {
 protected:
  RemoveTest() : remover_(stores_, *database_, claims_, Scopes::everything(), guarded_, {}) {}

  // The keys that the store's tombstones name.
  std::vector<std::string> tombstoned() {
    std::vector<std::string> keys;
    storage::BlobStore& store = stores_.primary();
    const std::vector<std::string> names = store.tombstone_names().value();
    for (const std::string& name : names) {
      const auto removed = parse_tombstone(store.read_tombstone(name).value()).value();
      for (const index::RemovedImage& one : removed) keys.push_back(one.key.str());
    }
    return keys;
  }
  bool has_blob(const index::ImageRecord& image) {
    return stores_.primary().stat(image.attributes.key).has_value();
  }
  std::string actions() {
    std::string text;
    const auto lines = index::AuditLog(*database_).list(Scopes::everything(), {}).value();
    for (const auto& line : lines) text += line.line.action + " ";
    return text;
  }

  static index::Removal image(const index::ImageRecord& record) {
    return {.study_ids = {}, .series_ids = {}, .image_ids = {record.id}};
  }
  static index::Removal study(const index::ImageRecord& record) {
    return {.study_ids = {record.study_id}, .series_ids = {}, .image_ids = {}};
  }

  const Actor admin_{.id = "token:9", .name = "Admin", .request_id = "r9"};
  ManualClock manual_{SystemClock().now()};
  GuardedClock guarded_{manual_, *database_, metrics_};
  RemoveService remover_;
};

// Found by the test against the model: the purge in the background took what was just due, and the
// answer did not count it.
TEST_F(RemoveTest, CountsWhatThePurgeInTheBackgroundTakesMeanwhile) {
  std::atomic<bool> is_over{false};
  std::thread background([&] {
    while (!is_over) EXPECT_TRUE(remover_.purge_some());
  });
  for (int i = 0; i < 60; ++i) {
    const std::string uid = "1.3." + std::to_string(i);
    const auto first = store(ct("1.1", "1.2", uid + ".1")).value().image;
    const auto second = store(ct("1.1", "1.2", uid + ".2")).value().image;
    ASSERT_TRUE(remover_.remove(image(first), admin_));
    const auto removed = remover_.remove(study(second), admin_, RemoveMode::now);
    ASSERT_TRUE(removed) << reason_of(removed);
    EXPECT_EQ(removed->images, 2U);
    EXPECT_EQ(static_cast<int64_t>(removed->size_bytes),
              first.attributes.size_bytes + second.attributes.size_bytes);
    EXPECT_EQ(removed->blobs_left, 0U);
    EXPECT_FALSE(has_blob(first) || has_blob(second));
  }
  is_over = true;
  background.join();
}

TEST_F(RemoveTest, WhatIsInTheTrashIsGoneAndKeepsItsBytesAndATombstone) {
  const std::string content = ct("1.1", "1.2", "1.3");
  const auto stored = store(content).value().image;
  const auto outcome = remover_.remove(study(stored), admin_).value();
  EXPECT_EQ(outcome.images, 1U);
  EXPECT_EQ(outcome.size_bytes, content.size());
  EXPECT_EQ(outcome.purge_at, manual_.now() + int64_t{30} * 86'400'000);
  EXPECT_EQ(content_of(stored.attributes.key).error().reason, "gone");
  EXPECT_TRUE(has_blob(stored));
  EXPECT_EQ(tombstoned(), std::vector<std::string>{stored.attributes.key.str()});

  const auto restored = remover_.restore(study(stored), admin_).value();
  EXPECT_EQ(restored.images, 1);
  EXPECT_EQ(content_of(stored.attributes.key).value(), content);
  EXPECT_TRUE(tombstoned().empty()) << "a rebuild would remove it again";
  EXPECT_EQ(reason_of(remover_.restore(study(stored), admin_)), "not_in_trash");
}

TEST_F(RemoveTest, TheSameBytesAgainRestoreBeforeTheyAreAcknowledged) {
  const std::string content = ct("1.1", "1.2", "1.3");
  const auto first = store(content).value().image;
  ASSERT_TRUE(remover_.remove(image(first), admin_));
  const auto again = store(content).value();
  EXPECT_EQ(again.kind, StoreOutcome::Kind::existed);
  EXPECT_EQ(again.image.id, first.id);
  EXPECT_EQ(again.image.study_id, first.study_id);
  EXPECT_EQ(again.image.attributes.stored_at, first.attributes.stored_at);
  EXPECT_EQ(content_of(first.attributes.key).value(), content);
  EXPECT_EQ(blob_count(), 1U);
  EXPECT_TRUE(tombstoned().empty());
}

TEST_F(RemoveTest, TheSameBytesAgainHealWhatTheTrashHasLost) {
  const std::string content = ct("1.1", "1.2", "1.3");
  const auto first = store(content).value().image;
  ASSERT_TRUE(remover_.remove(image(first), admin_));
  ASSERT_TRUE(stores_.primary().remove(first.attributes.key));
  ASSERT_EQ(store(content).value().image.id, first.id);
  EXPECT_EQ(content_of(first.attributes.key).value(), content);
}

TEST_F(RemoveTest, OtherBytesUnderItsUidAreAConflictUntilItIsPurged) {
  const auto first = store(ct("1.1", "1.2", "1.3")).value().image;
  ASSERT_TRUE(remover_.remove(image(first), admin_));
  const std::string changed = testing::DicomBuilder::ct_slice("1.1", "1.2", "1.3")
                                  .text(dicom::tags::kPatientId, dicom::Vr::LO, "P1")
                                  .text(dicom::tags::kPatientName, dicom::Vr::PN, "Other")
                                  .build();
  const auto refused = store(changed);
  EXPECT_EQ(reason_of(refused), "uid_conflict");
  EXPECT_NE(refused.error().detail.find("trash"), std::string::npos);
  ASSERT_TRUE(remover_.remove(image(first), admin_, RemoveMode::now));
  EXPECT_FALSE(has_blob(first));
  const auto stored = store(changed);
  ASSERT_TRUE(stored) << to_string(stored.error());
  EXPECT_NE(stored->image.id, first.id);
}

TEST_F(RemoveTest, ThePurgeTakesWhatIsDueAndLeavesATombstone) {
  const auto first = store(ct("1.1", "1.2", "1.3")).value().image;
  const auto second = store(ct("1.1", "1.2", "1.4")).value().image;
  ASSERT_TRUE(remover_.remove(image(first), admin_));
  manual_.advance(std::chrono::days(1));
  ASSERT_TRUE(remover_.remove(image(second), admin_));
  EXPECT_EQ(remover_.purge_some().value().images, 0U);
  manual_.advance(std::chrono::days(29));
  EXPECT_EQ(remover_.purge_some().value().images, 1U);
  EXPECT_FALSE(has_blob(first));
  EXPECT_TRUE(has_blob(second));
  EXPECT_EQ(tombstoned().size(), 2U);
  EXPECT_EQ(content_of(first.attributes.key).error().reason, "gone");
  EXPECT_EQ(reason_of(remover_.restore(image(first), admin_)), "not_in_trash");
  EXPECT_TRUE(actions().starts_with("image.purge ")) << actions();
}

TEST_F(RemoveTest, AClockThatIsSetForwardEndsNothing) {
  const auto stored = store(ct("1.1", "1.2", "1.3")).value().image;
  ASSERT_TRUE(remover_.remove(image(stored), admin_));
  manual_.set(manual_.now() + int64_t{365} * 86'400'000);
  EXPECT_EQ(remover_.purge_some().value().images, 0U);
  EXPECT_TRUE(has_blob(stored));
}

TEST_F(RemoveTest, AStartUnderAClockThatIsAYearAheadEndsNothing) {
  const auto stored = store(ct("1.1", "1.2", "1.3")).value().image;
  const auto retained = store(ct("2.1", "2.2", "2.3")).value().image;
  const std::string tomorrow = index::day_of(manual_.now() + 86'400'000);
  ASSERT_TRUE(index::StudyHolds(*database_)
                  .set(retained.study_id, {.is_held = false, .retain_until = tomorrow}, {}));
  ASSERT_TRUE(remover_.remove(image(stored), admin_));
  ASSERT_TRUE(guarded_.remember());
  manual_.set(manual_.now() + int64_t{365} * 86'400'000);
  GuardedClock clock(manual_, *database_, metrics_);
  ASSERT_TRUE(clock.begin());
  RemoveService restarted(stores_, *database_, claims_, Scopes::everything(), clock, {});
  EXPECT_EQ(restarted.purge_some().value().images, 0U);
  EXPECT_EQ(reason_of(restarted.remove(study(retained), admin_, RemoveMode::now)),
            "retention_date");
  EXPECT_TRUE(has_blob(stored) && has_blob(retained));
  EXPECT_EQ(restarted.restore(image(stored), admin_).value().images, 1);
}

TEST_F(RemoveTest, WhatIsRemovedUnderAClockThatIsAYearBehindStaysForItsTime) {
  const auto stored = store(ct("1.1", "1.2", "1.3")).value().image;
  const UnixMillis right = manual_.now();
  manual_.set(right - int64_t{365} * 86'400'000);
  ASSERT_TRUE(remover_.remove(image(stored), admin_));
  manual_.set(right);
  manual_.advance(std::chrono::days(29));
  EXPECT_EQ(remover_.purge_some().value().images, 0U);
  manual_.advance(std::chrono::days(1));
  EXPECT_EQ(remover_.purge_some().value().images, 1U);
}

TEST_F(RemoveTest, RetentionOfNothingDeletesAtOnce) {
  RemoveService at_once(stores_, *database_, claims_, Scopes::everything(), guarded_,
                        {.retention = std::chrono::hours(0)});
  const auto stored = store(ct("1.1", "1.2", "1.3")).value().image;
  EXPECT_EQ(at_once.remove(study(stored), admin_).value().images, 1U);
  EXPECT_EQ(blob_count(), 0U);
  EXPECT_EQ(tombstoned().size(), 1U);
}

TEST_F(RemoveTest, AHeldStudyIsNeitherRemovedNorPurged) {
  const auto stored = store(ct("1.1", "1.2", "1.3")).value().image;
  index::StudyHolds holds(*database_);
  ASSERT_TRUE(remover_.remove(study(stored), admin_));
  ASSERT_TRUE(holds.set(stored.study_id, {.is_held = true, .reason = "case 7"}, {}));
  manual_.advance(std::chrono::days(31));
  EXPECT_EQ(remover_.purge_some().value().images, 0U);
  EXPECT_EQ(reason_of(remover_.remove(study(stored), admin_, RemoveMode::now)), "study_held");
  EXPECT_TRUE(has_blob(stored));
  ASSERT_TRUE(remover_.restore(study(stored), admin_));
  EXPECT_EQ(reason_of(remover_.remove(image(stored), admin_)), "study_held");
  EXPECT_TRUE(tombstoned().empty()) << "of a removal that was refused";
}

TEST_F(RemoveTest, ARemovalThatWasCutBeforeItsCommitHasRemovedNothing) {
  const auto stored = store(ct("1.1", "1.2", "1.3")).value().image;
  Tombstones tombstones(stores_, *database_, claims_);
  index::Trash trash(*database_);
  {
    const auto claim = tombstones.claim().value();
    auto images = trash.visible(Scopes::everything(), image(stored), manual_.now()).value();
    ASSERT_TRUE(tombstones.write(claim, images));
  }
  ASSERT_EQ(tombstoned().size(), 1U);
  ASSERT_TRUE(remover_.settle());
  EXPECT_TRUE(tombstoned().empty()) << "a rebuild would hide an image that was never removed";
  EXPECT_TRUE(trash.unsettled()->empty());
}

TEST_F(RemoveTest, APurgeWritesATombstoneThatWasLost) {
  const auto stored = store(ct("1.1", "1.2", "1.3")).value().image;
  ASSERT_TRUE(remover_.remove(image(stored), admin_));
  const std::vector<std::string> names = stores_.primary().tombstone_names().value();
  for (const std::string& name : names) {
    ASSERT_TRUE(stores_.primary().remove_tombstone(name));
  }
  manual_.advance(std::chrono::days(31));
  ASSERT_EQ(remover_.purge_some().value().images, 1U);
  EXPECT_EQ(tombstoned(), std::vector<std::string>{stored.attributes.key.str()});
}

TEST_F(RemoveTest, ManyImagesShareAFewTombstonesAndOneComesBackAlone) {
  constexpr size_t kImages = Tombstones::kImagesPerTombstone + 4;
  std::optional<index::ImageRecord> last;
  for (size_t i = 0; i < kImages; ++i) {
    last = store(ct("1.1", "1.2", "1.3." + std::to_string(i))).value().image;
  }
  EXPECT_EQ(remover_.remove(study(*last), admin_).value().images, kImages);
  EXPECT_EQ(stores_.primary().tombstone_names()->size(), 2U);
  EXPECT_EQ(tombstoned().size(), kImages);
  ASSERT_TRUE(remover_.restore(image(*last), admin_));
  const auto left = tombstoned();
  EXPECT_EQ(left.size(), kImages - 1);
  EXPECT_EQ(std::count(left.begin(), left.end(), last->attributes.key.str()), 0);
}

TEST_F(RemoveTest, WhatWasPurgedAndIsStoredAgainHasNoTombstone) {
  const std::string content = ct("1.1", "1.2", "1.3");
  const auto first = store(content).value().image;
  ASSERT_TRUE(remover_.remove(image(first), admin_, RemoveMode::now));
  ASSERT_EQ(tombstoned().size(), 1U);
  const auto second = store(content).value();
  EXPECT_EQ(second.kind, StoreOutcome::Kind::stored);
  EXPECT_GT(second.image.id, first.id);
  EXPECT_EQ(second.image.attributes.key, first.attributes.key);
  EXPECT_TRUE(tombstoned().empty()) << "a rebuild would remove an acknowledged image";
}

TEST_F(RemoveTest, TakingOverAFolderBringsNothingBackFromTheTrash) {
  const std::string content = ct("1.1", "1.2", "1.3");
  const auto stored = store(content).value().image;
  ASSERT_TRUE(remover_.remove(image(stored), admin_));
  EXPECT_EQ(reason_of(store_.adopt(request_of(), stored.attributes.key)), "in_trash");
}

TEST_F(RemoveTest, ATombstoneThatIsNoneIsRefused) {
  for (const char* text : {"", "{}", R"({"version":2,"images":[]})", R"({"version":1})",
                           R"({"version":1,"images":[{}]})", "[1]"}) {
    EXPECT_EQ(reason_of(parse_tombstone(text)), "bad_tombstone") << text;
  }
}

}  // namespace
}  // namespace pacs::archive
