#include "cli/archive_identity.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "access/audit_lines.h"
#include "core/uuid.h"
#include "index/database.h"
#include "storage/memory_blob_store.h"
#include "tests/support/temporary_folder.h"

namespace pacs::cli {
namespace {

class ArchiveIdentityTest : public testing::Test {
 protected:
  ArchiveIdentityTest() { open_index("index.db"); }

  void open_index(const std::string& name) {
    auto opened = index::Database::open(folder_.path() / name, {});
    ASSERT_TRUE(opened) << to_string(opened.error());
    state_.reset();
    database_ = std::move(*opened);
    state_ = std::make_unique<index::ArchiveState>(*database_);
  }

  Result<std::string> settle() { return settle_archive_id(*store_, *state_, clock_, random_); }

  testing_support::TemporaryFolder folder_;
  ManualClock clock_;
  SystemRandom random_;
  std::unique_ptr<index::Database> database_;
  std::unique_ptr<index::ArchiveState> state_;
  std::unique_ptr<storage::BlobStore> store_ = storage::make_memory_blob_store();
};

TEST_F(ArchiveIdentityTest, TheFirstStartMakesOneForBothSides) {
  const Result<std::string> id = settle();
  ASSERT_TRUE(id) << to_string(id.error());
  EXPECT_TRUE(Uuid::parse(*id));
  EXPECT_EQ(**store_->read_archive_id(), *id);
  EXPECT_EQ(**state_->find(index::ArchiveState::kArchiveId), *id);
  EXPECT_EQ(*settle(), *id);
}

TEST_F(ArchiveIdentityTest, AnUnmountedDiskIsNotAnEmptyArchive) {
  ASSERT_TRUE(settle());
  store_ = storage::make_memory_blob_store();
  const Result<std::string> id = settle();
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().reason, "store_without_id");
  EXPECT_FALSE(*store_->read_archive_id());
}

TEST_F(ArchiveIdentityTest, AnotherArchivesStoreIsRefused) {
  ASSERT_TRUE(settle());
  store_ = storage::make_memory_blob_store();
  ASSERT_TRUE(store_->write_archive_id("8f06e605-e810-4418-85cb-6304772f152e"));
  const Result<std::string> id = settle();
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().reason, "store_of_another");
}

TEST_F(ArchiveIdentityTest, AStoreWhoseIndexIsGoneIsRefused) {
  ASSERT_TRUE(settle());
  open_index("other.db");
  const Result<std::string> id = settle();
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().reason, "index_missing");
  EXPECT_FALSE(*state_->find(index::ArchiveState::kArchiveId));
}

TEST_F(ArchiveIdentityTest, AFirstStartThatWasCutIsFinishedByTheNext) {
  const std::string planned = "8f06e605-e810-4418-85cb-6304772f152e";
  ASSERT_TRUE(
      state_->set("archive_id_planned", planned, access::system_audit_line("test", clock_)));
  EXPECT_EQ(*settle(), planned) << "cut before the store had it";
  store_ = storage::make_memory_blob_store();
  open_index("other.db");
  ASSERT_TRUE(
      state_->set("archive_id_planned", planned, access::system_audit_line("test", clock_)));
  ASSERT_TRUE(store_->write_archive_id(planned));
  EXPECT_EQ(*settle(), planned) << "cut before the index confirmed it";
}

}  // namespace
}  // namespace pacs::cli
