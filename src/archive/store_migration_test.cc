#include "archive/store_migration.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "archive/archive_fixture.h"
#include "index/trash.h"

namespace pacs::archive {
namespace {

// The memory store under another name: rows tell stores by their names.
constexpr const char* kTarget = "elsewhere";

class StoreMigrationTest : public ArchiveTest {
 protected:
  StoreMigrationTest() {
    for (const char* image : {"1.3.1", "1.3.2", "1.3.3"}) {
      images_.push_back(store(ct("1.1", "1.2", image)).value().image);
    }
  }

  Result<MigrationCounts> migrate(MigrationOptions options = {}) {
    findings_.clear();
    options.on_finding = [&](const ImageCopyFinding& finding) {
      findings_[finding.key] = finding.reason;
    };
    const auto live = PACS_TRY(
        index::StoredImages::open(folder_.path() / "index.db", tests::Scopes::everything()));
    const auto copies = PACS_TRY(open_copies());
    return migrate_images({stores_, *target_, *copies, *live, clock_}, options);
  }

  Result<std::unique_ptr<index::StoreCopies>> open_copies() {
    return index::StoreCopies::open(folder_.path() / "index.db", kTarget,
                                    tests::Scopes::everything());
  }

  Result<int64_t> cut_over() {
    index::AuditLine line;
    line.action = "archive.cut_over";
    return index::cut_over_to(
        *database_, {.target = kTarget, .name = kTarget, .settings_name = {}, .former = {}}, line);
  }

  [[nodiscard]] bool is_there(const index::ImageRecord& image) {
    return target_->stat(image.attributes.key).has_value();
  }

  std::vector<index::ImageRecord> images_;
  std::unique_ptr<storage::BlobStore> target_ = storage::make_memory_blob_store();
  std::map<std::string, std::string> findings_;
};

TEST_F(StoreMigrationTest, WhatIsVerifiedIsNotMovedAgain) {
  EXPECT_EQ(migrate().value().moved, 3U);
  ASSERT_TRUE(store(ct("1.1", "1.2", "1.3.4")));
  const MigrationCounts again = migrate().value();
  EXPECT_EQ(again.moved, 1U);
  EXPECT_EQ(again.already_there, 3U);
  EXPECT_EQ(open_copies().value()->totals().value().lacking, 0U);
}

TEST_F(StoreMigrationTest, AnImageInTheTrashMovesToo) {
  ASSERT_TRUE(remove_.remove({.image_ids = {images_[0].id}}, request_of().actor));
  EXPECT_EQ(migrate().value().moved, 3U);
  EXPECT_TRUE(is_there(images_[0]));
}

TEST_F(StoreMigrationTest, ACopyThatWasDamagedLaterIsMadeAnewWhenAllIsCompared) {
  ASSERT_TRUE(migrate());
  ASSERT_TRUE(target_->remove(images_[1].attributes.key));
  EXPECT_EQ(migrate().value().moved, 0U) << "the row says that it is there";
  MigrationOptions options;
  options.compares_all = true;
  EXPECT_EQ(migrate(options).value().moved, 1U);
  EXPECT_TRUE(is_there(images_[1]));
}

// Somebody else has filled the target, with a description that promises the right bytes.
TEST_F(StoreMigrationTest, WhatLiesThereAlreadyIsHashedBeforeItCounts) {
  const ObjectKey key = images_[1].attributes.key;
  const storage::BlobInfo right = stores_.primary().stat(key).value();
  const auto put = [&](const std::string& bytes) {
    auto staged = target_->stage().value();
    ASSERT_TRUE(staged->append(as_bytes(bytes)));
    ASSERT_TRUE(target_->publish(std::move(staged), key, right.attributes));
  };
  put(std::string(right.size_bytes, 'x'));
  EXPECT_EQ(migrate().value().moved, 3U);
  const auto reader = target_->get(key).value();
  EXPECT_EQ(read_all(*reader, UINT64_MAX).value(), content_of(key).value());
}

TEST_F(StoreMigrationTest, AfterTheCutOverComparingReadsWhatTheTargetIsTheHomeOf) {
  ASSERT_TRUE(remove_.remove({.image_ids = {images_[0].id}}, request_of().actor));
  ASSERT_TRUE(migrate());
  ASSERT_EQ(cut_over().value(), 3);
  MigrationOptions all;
  all.compares_all = true;
  EXPECT_EQ(migrate(all).value().already_there, 3U);
  EXPECT_EQ(migrate().value().images, 0U) << "nothing is left to move";
  ASSERT_TRUE(target_->remove(images_[0].attributes.key));
  ASSERT_TRUE(target_->quarantine_published(images_[1].attributes.key));
  auto staged = target_->stage().value();
  ASSERT_TRUE(staged->append(as_bytes(std::string_view("other bytes"))));
  ASSERT_TRUE(target_->publish(std::move(staged), images_[1].attributes.key, {}));
  EXPECT_EQ(migrate(all).value().refused, 2U);
  EXPECT_EQ(findings_[images_[0].attributes.key.str()], "missing_blob");
  EXPECT_EQ(findings_[images_[1].attributes.key.str()], "size_mismatch");
  // Nobody may take these for copies: they would be purged without their image.
  const auto copies = index::Trash(*database_).copies_of({images_[2].id}).value();
  ASSERT_EQ(copies.size(), 1U);
  EXPECT_EQ(copies[0].store, stores_.primary().name());
}

TEST_F(StoreMigrationTest, WhatIsDamagedKeepsTheArchiveWhereItIs) {
  overwrite(images_[1].attributes.key, "other bytes");
  const MigrationCounts counts = migrate().value();
  EXPECT_EQ(counts.refused, 1U);
  EXPECT_EQ(counts.moved, 2U);
  EXPECT_EQ(findings_[images_[1].attributes.key.str()], "size_mismatch");
  const auto refused = cut_over();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "copies_missing");
  EXPECT_EQ(refused.error().detail.substr(0, 8), "1 images");
}

TEST_F(StoreMigrationTest, TheCutOverNamesTheFormerStoreAsTheCopy) {
  ASSERT_TRUE(remove_.remove({.image_ids = {images_[0].id}}, request_of().actor));
  ASSERT_TRUE(migrate());
  EXPECT_EQ(cut_over().value(), 3);
  EXPECT_EQ(cut_over().value(), 0) << "done already";
  const auto copies = index::Trash(*database_).copies_of({images_[0].id, images_[1].id}).value();
  ASSERT_EQ(copies.size(), 2U);
  EXPECT_EQ(copies[0].store, stores_.primary().name());
}

// A kill between the first byte and the row: the purge must know of the store.
TEST_F(StoreMigrationTest, ThePurgeIsToldOfCopiesThatWereBegun) {
  const auto copies = open_copies().value();
  ASSERT_TRUE(copies->begin(copies->next(10).value()));
  const auto begun = index::Trash(*database_).copies_of({images_[2].id}).value();
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_EQ(begun[0].store, kTarget);
  EXPECT_EQ(copies->totals().value().lacking, 3U) << "begun is not verified";
}

TEST_F(StoreMigrationTest, APurgeWaitsForAStoreThatIsAway) {
  ASSERT_TRUE(migrate());
  const auto left =
      remove_.remove({.image_ids = {images_[0].id}}, request_of().actor, RemoveMode::now);
  ASSERT_TRUE(left);
  EXPECT_EQ(left->blobs_left, 1U) << "nobody opens the target here";
  EXPECT_TRUE(is_there(images_[0]));
  EXPECT_FALSE(content_of(images_[0].attributes.key)) << "and nothing serves it";
}

// The purge came between the look at the row and the copy.
TEST_F(StoreMigrationTest, AnImageThatIsPurgedMeanwhileLeavesNoCopy) {
  const auto copies = open_copies().value();
  const auto batch = copies->next(10).value();
  ASSERT_EQ(batch.size(), 3U);
  ASSERT_TRUE(remove_.remove({.image_ids = {images_[0].id}}, request_of().actor, RemoveMode::now));
  ASSERT_TRUE(copies->begin(batch));
  EXPECT_EQ(copies->keep({images_[0].id, images_[1].id}, 1).value(),
            std::vector<int64_t>{images_[0].id});
}

}  // namespace
}  // namespace pacs::archive
