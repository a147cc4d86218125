// What a verification says of blobs that no reader sees: those of the trash, and copies in other
// stores.
#include "archive/remove.h"
#include "archive/store_migration.h"
#include "archive/verify_fixture.h"

namespace pacs::archive {
namespace {

using Kinds = std::vector<std::string>;

class VerifyKeptTest : public VerifyTest {
 protected:
  // Rows tell stores by their names; this one is a folder beside the first.
  static constexpr const char* kElsewhere = "elsewhere";

  VerifyKeptTest() {
    stores_.open_others_with(
        [this](std::string_view name) -> Result<std::unique_ptr<storage::BlobStore>> {
          if (name != kElsewhere) return unavailable("store_missing", "no such store");
          return open_elsewhere();
        });
    for (const char* uid : {"1.2.3.4", "1.2.3.5"}) {
      contents_.push_back(ct("1.2", "1.2.3", uid));
      images_.push_back(store(contents_.back()));
    }
  }

  Result<std::unique_ptr<storage::BlobStore>> open_elsewhere() {
    storage::FilesystemOptions options;
    options.root = folder_ / "elsewhere";
    return storage::open_filesystem_blob_store(options);
  }

  void move_elsewhere() {
    const index::Scope all = tests::Scopes::everything();
    const auto target = open_elsewhere().value();
    const auto live = index::StoredImages::open(folder_.path() / "index.db", all).value();
    const auto copies =
        index::StoreCopies::open(folder_.path() / "index.db", kElsewhere, all).value();
    const auto moved = migrate_images({stores_, *target, *copies, *live, clock_}, {});
    ASSERT_TRUE(moved);
    ASSERT_EQ(moved->moved, images_.size());
  }
  void cut_over() {
    ASSERT_TRUE(index::cut_over_to(
        *database_, {.target = kElsewhere, .name = kElsewhere, .settings_name = {}, .former = {}},
        {}));
  }

  void remove(const index::ImageRecord& image, RemoveMode mode = RemoveMode::trash) {
    ASSERT_TRUE(remove_.remove({.image_ids = {image.id}}, request_of().actor, mode));
  }

  [[nodiscard]] fs::path elsewhere(const index::ImageRecord& image) const {
    return folder_.path() / "elsewhere" / image.attributes.key.str();
  }

  std::vector<std::string> contents_;
  std::vector<index::ImageRecord> images_;
  GuardedClock guarded_clock_{clock_, *database_, metrics_};
  RemoveService remove_{stores_, *database_, claims_, tests::Scopes::everything(), guarded_clock_};
};

TEST_F(VerifyKeptTest, FindsDamageInTheTrashWhileItCanStillBeHealed) {
  for (const auto& image : images_) remove(image);
  EXPECT_EQ(verify().kinds(), Kinds());
  flip_a_bit(path_of(images_[0]));
  fs::remove(path_of(images_[1]));
  const FindingCollector quick = verify(VerifyDepth::presence);
  EXPECT_EQ(quick.kinds(), Kinds{"missing_blob"});
  const FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), (Kinds{"wrong_bytes", "missing_blob"}));
  EXPECT_EQ(seen.findings[0].path, images_[0].attributes.key.str());
  EXPECT_EQ(seen.findings[0].image_uid, "1.2.3.4");
  EXPECT_EQ(seen.findings[0].study_uid, "1.2");
  EXPECT_TRUE(seen.findings[0].needs_attention());
  EXPECT_EQ(quarantined(), 1U);
  for (size_t i = 0; i < images_.size(); ++i) {
    EXPECT_EQ(read(store(contents_[i])).value(), contents_[i]) << "sent again";
  }
  EXPECT_EQ(verify().kinds(), Kinds());
}

TEST_F(VerifyKeptTest, WhatWasPurgedIsNotMissed) {
  remove(images_[0], RemoveMode::now);
  EXPECT_FALSE(fs::exists(path_of(images_[0])));
  EXPECT_EQ(verify().kinds(), Kinds());
}

TEST_F(VerifyKeptTest, ACopyIsHeldAgainstItsRowAndMadeAnew) {
  remove(images_[1]);
  move_elsewhere();
  EXPECT_EQ(verify().kinds(), Kinds());
  flip_a_bit(elsewhere(images_[0]));
  fs::remove(elsewhere(images_[1]));
  const FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), (Kinds{"wrong_bytes", "missing_blob"}));
  for (const VerifyFinding& finding : seen.findings) {
    EXPECT_EQ(finding.store, kElsewhere);
    EXPECT_EQ(finding.repair.state, RepairState::repaired) << finding.repair.detail;
  }
  EXPECT_EQ(content_of(elsewhere(images_[0])), contents_[0]);
  EXPECT_EQ(content_of(elsewhere(images_[1])), contents_[1]);
  EXPECT_EQ(verify().kinds(), Kinds());
}

TEST_F(VerifyKeptTest, ALostImageComesBackFromItsCopy) {
  move_elsewhere();
  flip_a_bit(path_of(images_[0]));
  fs::remove(path_of(images_[1]));
  const FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), (Kinds{"wrong_bytes", "missing_blob"}));
  for (const VerifyFinding& finding : seen.findings) EXPECT_FALSE(finding.needs_attention());
  EXPECT_EQ(read(images_[0]).value(), contents_[0]);
  EXPECT_EQ(read(images_[1]).value(), contents_[1]);
  EXPECT_EQ(quarantined(), 1U) << "the damaged file is kept";
  EXPECT_EQ(verify().kinds(), Kinds());
}

TEST_F(VerifyKeptTest, ADamagedCopyReplacesNothing) {
  move_elsewhere();
  flip_a_bit(path_of(images_[0]));
  flip_a_bit(elsewhere(images_[0]));
  const FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), (Kinds{"wrong_bytes", "wrong_bytes"}));
  for (const VerifyFinding& finding : seen.findings) EXPECT_TRUE(finding.needs_attention());
  EXPECT_EQ(read(store(contents_[0])).value(), contents_[0]);
  EXPECT_EQ(repair().findings.at(0).repair.state, RepairState::repaired);
  EXPECT_EQ(verify().kinds(), Kinds());
}

TEST_F(VerifyKeptTest, AFormerStoreMayBeLetGoButNotBeWrong) {
  move_elsewhere();
  cut_over();
  fs::remove(path_of(images_[0]));
  EXPECT_EQ(verify().kinds(), Kinds());
  flip_a_bit(path_of(images_[1]));
  const FindingCollector seen = repair();
  ASSERT_EQ(seen.kinds(), Kinds{"wrong_bytes"});
  EXPECT_EQ(seen.findings[0].repair.state, RepairState::repaired);
  EXPECT_EQ(content_of(path_of(images_[1])), contents_[1]);
}

}  // namespace
}  // namespace pacs::archive
