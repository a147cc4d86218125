#include "storage/open_below.h"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "storage/folder_listing.h"
#include "tests/support/temporary_folder.h"

namespace pacs::storage {
namespace {

namespace fs = std::filesystem;
using testing_support::TemporaryFolder;

class OpenBelow : public testing::TestWithParam<OpenWay> {
 protected:
  void SetUp() override {
    fs::create_directories(folder_.path() / "root/a/b");
    std::ofstream(folder_.path() / "root/a/b/file") << "inside";
    std::ofstream(folder_.path() / "secret") << "outside";
    fs::create_symlink("file", folder_.path() / "root/a/b/link");
    fs::create_symlink("../../../secret", folder_.path() / "root/a/b/out");
    fs::create_directory_symlink("b", folder_.path() / "root/a/c");
    fs::create_directory_symlink("/", folder_.path() / "root/top");
    root_ = open_file(folder_ / "root", O_RDONLY | O_DIRECTORY, 0, "a folder").value();
  }

  TemporaryFolder folder_;
  UniqueFd root_;
};

TEST_P(OpenBelow, OpensWhatIsInside) {
  EXPECT_TRUE(open_below(root_.get(), "a/b/file", O_RDONLY, GetParam()));
  EXPECT_TRUE(open_below(root_.get(), "a", O_RDONLY | O_DIRECTORY, GetParam()));
}

TEST_P(OpenBelow, RefusesLinksAndWhatIsAbsent) {
  for (const char* path : {"a/b/link", "a/b/out", "a/c/file", "top/etc/passwd", "a/b/absent",
                           "a/absent/file", "a/b/file/x"}) {
    const Result<UniqueFd> opened = open_below(root_.get(), path, O_RDONLY, GetParam());
    ASSERT_FALSE(opened) << path;
    EXPECT_EQ(opened.error().code, ErrorCode::not_found) << path;
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, OpenBelow,
                         testing::Values(OpenWay::best, OpenWay::component_by_component),
                         [](const auto& way) {
                           return way.param == OpenWay::best ? "Best" : "ComponentByComponent";
                         });

TEST(ListFolder, SortsAsTheKeysBelowAreSorted) {
  TemporaryFolder folder;
  for (const char* name : {"1.2", "1.2.3", "1-2", "1"}) fs::create_directory(folder.path() / name);
  for (const char* name : {"1.2-", "12"}) std::ofstream(folder.path() / name) << "x";
  fs::create_symlink("1", folder.path() / "0");
  const UniqueFd own = open_file(folder.path(), O_RDONLY | O_DIRECTORY, 0, "a folder").value();
  std::string names;
  const Result<std::vector<FolderEntry>> entries = list_folder(own.get());
  for (const FolderEntry& entry : *entries) names += entry.name + " ";
  // As "1-2/", "1.2-", "1.2.3/", "1.2/", "1/", "12" are.
  EXPECT_EQ(names, "0 1-2 1.2- 1.2.3 1.2 1 12 ");
  EXPECT_EQ(entries->front().kind, FolderEntry::Kind::symbolic_link);
}

}  // namespace
}  // namespace pacs::storage
