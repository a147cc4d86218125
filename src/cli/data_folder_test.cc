#include "cli/data_folder.h"

#include <filesystem>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pacs::cli {
namespace {

class DataFolderTest : public testing::Test {
 protected:
  DataFolderTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "data-folder-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~DataFolderTest() override { std::filesystem::remove_all(root_); }

  static unsigned mode_of(const std::string& path) {
    struct stat status = {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  std::string root_;
};

TEST_F(DataFolderTest, IsMadeForItsOwnerAlone) {
  const Result<DataFolder> folder = DataFolder::open(root_ + "/data");
  ASSERT_TRUE(folder);
  EXPECT_EQ(mode_of(root_ + "/data"), 0700U);
  EXPECT_EQ(mode_of(folder->paths().lock), 0600U);
}

TEST_F(DataFolderTest, IsClosedToOthersWhereItWasOpen) {
  ASSERT_EQ(::mkdir((root_ + "/data").c_str(), 0755), 0);
  ASSERT_TRUE(DataFolder::open(root_ + "/data"));
  EXPECT_EQ(mode_of(root_ + "/data"), 0700U);
}

TEST_F(DataFolderTest, HasOneOwnerWhoIsNamedToTheSecond) {
  {
    Result<DataFolder> first = DataFolder::open(root_ + "/data");
    ASSERT_TRUE(first);
    const Result<DataFolder> second = DataFolder::open(root_ + "/data");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::unavailable);
    EXPECT_EQ(second.error().reason, "data_folder_in_use");
    EXPECT_NE(second.error().detail.find("pid " + std::to_string(::getpid())), std::string::npos);
    const auto owner = find_owner(first->paths());
    ASSERT_TRUE(owner);
    ASSERT_TRUE(owner->has_value());
    EXPECT_EQ((*owner)->process_id, std::to_string(::getpid()));
    EXPECT_EQ((*owner)->url, "");
    ASSERT_TRUE(first->announce("http://127.0.0.1:8042"));
    EXPECT_EQ((*find_owner(first->paths()))->url, "http://127.0.0.1:8042");
  }
  EXPECT_TRUE(DataFolder::open(root_ + "/data"));
  const auto owner = find_owner(DataPaths(root_ + "/data"));
  ASSERT_TRUE(owner);
  EXPECT_FALSE(owner->has_value());
}

TEST_F(DataFolderTest, IsFreeAgainWhenItsOwnerWasKilled) {
  const std::string path = root_ + "/data";
  const pid_t child = ::fork();
  if (child == 0) {
    const Result<DataFolder> folder = DataFolder::open(path);
    ::raise(folder ? SIGKILL : SIGTERM);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_TRUE(DataFolder::open(path));
}

TEST_F(DataFolderTest, NeitherAFileNorAMissingParentIsTaken) {
  const Result<DataFolder> missing = DataFolder::open(root_ + "/no/data");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().detail.find(root_ + "/no/data"), std::string::npos);
  ASSERT_TRUE(open_file(root_ + "/file", O_CREAT | O_WRONLY, 0600, "a file"));
  const Result<DataFolder> file = DataFolder::open(root_ + "/file");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().reason, "bad_data_folder");
}

TEST_F(DataFolderTest, TheLockIsNoSymbolicLink) {
  ASSERT_EQ(::mkdir((root_ + "/data").c_str(), 0700), 0);
  std::filesystem::create_symlink(root_ + "/elsewhere", root_ + "/data/lock");
  EXPECT_FALSE(DataFolder::open(root_ + "/data"));
  EXPECT_FALSE(std::filesystem::exists(root_ + "/elsewhere"));
}

TEST_F(DataFolderTest, ASocketPathThatIsTooLongForTheKernelIsShortened) {
  const std::string folder = root_ + "/" + std::string(120, 'f');
  ASSERT_EQ(::mkdir(folder.c_str(), 0700), 0);
  const Result<SocketPath> path = SocketPath::of(folder + "/pacs-lite.sock");
  ASSERT_TRUE(path);
  EXPECT_LE(path->text().size(), 107U);
  ASSERT_TRUE(open_file(path->text(), O_CREAT | O_WRONLY, 0600, "through the short path"));
  EXPECT_TRUE(std::filesystem::exists(folder + "/pacs-lite.sock"));
  EXPECT_EQ(SocketPath::of("/run/s.sock")->text(), "/run/s.sock");
}

}  // namespace
}  // namespace pacs::cli
