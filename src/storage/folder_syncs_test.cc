#include "storage/folder_syncs.h"

#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "storage/durable_folders.h"
#include "tests/support/temporary_folder.h"

namespace pacs::storage {
namespace {

using testing_support::TemporaryFolder;

UniqueFd open_folder(const std::string& path) {
  return open_file(path, O_RDONLY | O_DIRECTORY, 0, "a folder").value();
}

TEST(FolderSyncs, ThoseThatWaitShareOneSync) {
  constexpr int kThreads = 16;
  constexpr int kRounds = 40;
  TemporaryFolder folder;
  FolderSyncs syncs;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const UniqueFd own = open_folder(folder.path());
      for (int round = 0; round < kRounds; ++round) {
        const std::string name = std::to_string(i) + "-" + std::to_string(round);
        ASSERT_EQ(::mkdirat(own.get(), name.c_str(), 0700), 0);
        ASSERT_TRUE(syncs.sync(own.get()));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(syncs.syncs_asked(), uint64_t{kThreads * kRounds});
  EXPECT_LT(syncs.syncs_done(), syncs.syncs_asked() / 2);
}

TEST(FolderSyncs, AloneEachCallIsASyncOfItsOwn) {
  TemporaryFolder folder;
  FolderSyncs syncs;
  const UniqueFd own = open_folder(folder.path());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(syncs.sync(own.get()));
  EXPECT_EQ(syncs.syncs_done(), 3U);
}

TEST(FolderSyncs, AFailureFailsEveryLaterCall) {
  TemporaryFolder folder;
  FolderSyncs syncs;
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const UniqueFd read_end(pipe_ends[0]);
  const UniqueFd write_end(pipe_ends[1]);
  // A pipe is a descriptor on which fsync fails without harm.
  const Result<void> failed = syncs.sync(read_end.get());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().reason, "fsync_failed");
  EXPECT_TRUE(syncs.failed());
  const UniqueFd own = open_folder(folder.path());
  EXPECT_EQ(syncs.sync(own.get()).error().reason, "fsync_failed");
  EXPECT_EQ(syncs.sync_file(own.get()).error().reason, "fsync_failed");
  EXPECT_EQ(syncs.check().error().reason, "fsync_failed");
}

class DurableFoldersTest : public testing::Test {
 protected:
  [[nodiscard]] uint64_t syncs_of(const std::vector<std::string_view>& path) {
    const uint64_t before = syncs_.syncs_asked();
    const FolderChain chain = folders_.make(path, 02750).value();
    EXPECT_TRUE(folders_.sync_entries(chain));
    return syncs_.syncs_asked() - before;
  }

  TemporaryFolder folder_;
  UniqueFd root_ = open_folder(folder_.path());
  FolderSyncs syncs_;
  DurableFolders folders_{root_.get(), syncs_};
};

TEST_F(DurableFoldersTest, SyncsTheParentsItDoesNotKnow) {
  EXPECT_EQ(syncs_of({"radiology", "study", "series", "image1"}), 4U);
  EXPECT_EQ(syncs_of({"radiology", "study", "series", "image2"}), 1U);
  EXPECT_EQ(syncs_of({"radiology", "study", "series2", "image1"}), 2U);
  EXPECT_EQ(syncs_of({"radiology", "study2", "series", "image1"}), 3U);
}

TEST_F(DurableFoldersTest, AFolderOfTheSameNameThatWasMadeAnewIsNotKnown) {
  EXPECT_EQ(syncs_of({"radiology", "study", "series", "image"}), 4U);
  std::filesystem::remove_all(folder_.path() / "radiology/study");
  EXPECT_EQ(syncs_of({"radiology", "study", "series", "image"}), 3U);
}

TEST_F(DurableFoldersTest, AFolderThatWasMovedIsNotKnownAtItsNewPlace) {
  EXPECT_EQ(syncs_of({"radiology", "study", "series", "image"}), 4U);
  std::filesystem::create_directory(folder_.path() / "radiology/other");
  std::filesystem::rename(folder_.path() / "radiology/study/series",
                          folder_.path() / "radiology/other/series");
  EXPECT_EQ(syncs_of({"radiology", "other", "series", "image"}), 3U);
}

TEST_F(DurableFoldersTest, ForgetsTheLeastUsedAndNothingBreaks) {
  EXPECT_EQ(syncs_of({"radiology", "first", "series", "image"}), 4U);
  for (int i = 0; i < 300; ++i) {
    const std::string study = "study" + std::to_string(i);
    EXPECT_EQ(syncs_of({"radiology", study, "series", "image"}), 3U);
  }
  EXPECT_EQ(syncs_of({"radiology", "first", "series", "image"}), 3U);
}

}  // namespace
}  // namespace pacs::storage
