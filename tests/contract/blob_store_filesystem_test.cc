// The contract over the store in the filesystem, with attributes in both places; then what is true
// of the filesystem alone: layout, modes, what a hostile or an adopted tree does.
#include <filesystem>
#include <fstream>
#include <thread>

#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "core/file.h"
#include "storage/filesystem_blob_store.h"
#include "tests/contract/blob_store_contract.h"
#include "tests/support/temporary_folder.h"

namespace pacs::storage {
namespace {

namespace fs = std::filesystem;
using testing_support::TemporaryFolder;

constexpr unsigned kModeBits = 07777;

class FilesystemStoreUnderTest final : public StoreUnderTest {
 public:
  explicit FilesystemStoreUnderTest(FilesystemOptions::Attributes attributes) {
    FilesystemOptions options;
    options.root = folder_ / "media";
    options.attributes = attributes;
    store_ = open_filesystem_blob_store(options).value();
  }
  BlobStore& store() override { return *store_; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<BlobStore> store_;
};

INSTANTIATE_TEST_SUITE_P(
    Filesystem, BlobStoreContract,
    testing::Values(BlobStoreKind{"extended_attributes",
                                  [] {
                                    return std::make_unique<FilesystemStoreUnderTest>(
                                        FilesystemOptions::Attributes::extended_else_files);
                                  }},
                    BlobStoreKind{"attribute_files",
                                  [] {
                                    return std::make_unique<FilesystemStoreUnderTest>(
                                        FilesystemOptions::Attributes::files_only);
                                  }}),
    [](const auto& kind) { return kind.param.name; });

class FilesystemBlobStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.root = folder_ / "media";
    store_ = open_filesystem_blob_store(options_).value();
  }

  BlobStore& store() { return *store_; }
  void reopen() { store_ = open_filesystem_blob_store(options_).value(); }
  [[nodiscard]] fs::path root() const { return options_.root; }
  [[nodiscard]] fs::path path_of(const ObjectKey& key) const { return root() / key.str(); }
  [[nodiscard]] static struct ::stat status_of(const fs::path& path) {
    struct ::stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status;
  }
  [[nodiscard]] static unsigned mode_of(const fs::path& path) {
    return status_of(path).st_mode & kModeBits;
  }
  static void write_text(const fs::path& path, std::string_view text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  TemporaryFolder folder_;
  FilesystemOptions options_;
  std::unique_ptr<BlobStore> store_;
};

TEST_F(FilesystemBlobStoreTest, FilesLieUnderTheirKeysWithTheBytesAsTheyCame) {
  const ObjectKey key = key_of("1.2", "1.2.3", "1.2.3.4", "IM-0001.dcm");
  ASSERT_TRUE(publish_text(store(), key, "bytes"));
  EXPECT_EQ(read_file(root() / "radiology/1.2/1.2.3/1.2.3.4/IM-0001.dcm", 100).value(), "bytes");
}

TEST_F(FilesystemBlobStoreTest, ModesAreAsConfiguredWhateverTheUmask) {
  const ObjectKey key = key_of("1", "2", "3");
  for (const unsigned umask : {0000U, 0077U, 0777U}) {
    const mode_t before = ::umask(umask);
    const Result<BlobInfo> published = publish_text(store(), key, "bytes");
    ::umask(before);
    ASSERT_TRUE(published) << to_string(published.error());
    EXPECT_EQ(mode_of(path_of(key)), 0440U);
    for (fs::path path = path_of(key).parent_path(); path != root(); path = path.parent_path()) {
      EXPECT_EQ(mode_of(path), 02750U) << path << " under umask " << umask;
    }
    ASSERT_TRUE(store().remove(key));
    fs::remove(root() / "radiology");
  }
  EXPECT_EQ(mode_of(root()), 02750U);
  for (const char* own :
       {".pacs-lite", ".pacs-lite/staging", ".pacs-lite/quarantine", ".pacs-lite/tombstones"}) {
    EXPECT_EQ(mode_of(root() / own) & 0777U, 0700U) << own;
  }
}

TEST_F(FilesystemBlobStoreTest, TheGroupOfMediaRootPassesToTheFiles) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give a folder to another group";
  constexpr gid_t kGroup = 54'321;
  options_.root = folder_ / "shared";
  fs::create_directory(options_.root);
  ASSERT_EQ(::chown(options_.root.c_str(), static_cast<uid_t>(-1), kGroup), 0);
  ASSERT_EQ(::chmod(options_.root.c_str(), 02770), 0);
  reopen();
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "bytes"));
  for (fs::path path = path_of(key); path != root(); path = path.parent_path()) {
    EXPECT_EQ(status_of(path).st_gid, kGroup) << path;
  }
}

TEST_F(FilesystemBlobStoreTest, AttributesAreInTheExtendedAttributeWhereTheyFit) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "bytes", attributes_of({{"b", "2"}, {"a", "1"}})));
  std::string value(100, '\0');
  const ssize_t size =
      ::getxattr(path_of(key).c_str(), "user.pacs-lite", value.data(), value.size());
  ASSERT_GT(size, 0) << "needs a filesystem with extended attributes for $TMPDIR";
  EXPECT_EQ(value.substr(0, static_cast<size_t>(size)), R"({"a":"1","b":"2"})");
  EXPECT_FALSE(fs::exists(root() / ".pacs-lite/attributes"));
}

TEST_F(FilesystemBlobStoreTest, AttributesSurviveARestartInEitherPlace) {
  const ObjectKey small_key = key_of("1", "2", "3");
  const ObjectKey large_key = key_of("1", "2", "4");
  const BlobAttributes small = attributes_of({{"a", "1"}});
  const BlobAttributes large = attributes_of(
      {{"a", std::string(BlobAttributes::kSizeBytesMax - 100, '"').substr(0, 30'000)}});
  ASSERT_TRUE(publish_text(store(), small_key, "bytes", small));
  ASSERT_TRUE(publish_text(store(), large_key, "bytes", large));
  reopen();
  EXPECT_EQ(store().stat(small_key)->attributes, small);
  EXPECT_EQ(store().stat(large_key)->attributes, large);
  // The same tree where extended attributes do not count: what is in one is still read.
  options_.attributes = FilesystemOptions::Attributes::files_only;
  reopen();
  EXPECT_EQ(store().stat(small_key)->attributes, small);
  ASSERT_TRUE(store().adopt(small_key, large));
  EXPECT_EQ(store().stat(small_key)->attributes, large);
}

// The example of docs/design/keys.md.
TEST_F(FilesystemBlobStoreTest, AttributesOfTheirOwnFileLieWhereTheDesignPageSays) {
  options_.attributes = FilesystemOptions::Attributes::files_only;
  reopen();
  const ObjectKey key = key_of("1.2", "1.2.3", "1.2.3.4", "a.dcm");
  ASSERT_TRUE(publish_text(store(), key, "bytes", attributes_of({{"order", "42"}})));
  const fs::path path = root() / ".pacs-lite/attributes/d1" /
                        "d1167acc48ad8ba91d4aba76f71583668b3c4081e25875070f188a1a6e8081e1.json";
  EXPECT_EQ(read_file(path, 1000).value(),
            R"({"key":"radiology/1.2/1.2.3/1.2.3.4/a.dcm","attributes":{"order":"42"}})");
  ASSERT_TRUE(store().remove(key));
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(FilesystemBlobStoreTest, DamagedAttributesAreCorruptAndTheBytesStillCome) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "bytes", attributes_of({{"a", "1"}})));
  ASSERT_EQ(::setxattr(path_of(key).c_str(), "user.pacs-lite", "{", 1, 0), 0);
  EXPECT_EQ(reason_of(store().stat(key)), "bad_attributes");
  EXPECT_EQ(read_text(store(), key).value(), "bytes");
}

TEST_F(FilesystemBlobStoreTest, TheIdentityChangesWithWhateverTouchesTheFile) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "bytes"));
  const std::string identity = store().stat(key)->identity;
  reopen();
  EXPECT_EQ(store().stat(key)->identity, identity) << "a restart touches nothing";
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the tick of file times
  ASSERT_EQ(::chmod(path_of(key).c_str(), 0640), 0);
  const std::string after_chmod = store().stat(key)->identity;
  EXPECT_NE(after_chmod, identity);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::ofstream(path_of(key), std::ios::binary) << "bytez";
  EXPECT_NE(store().stat(key)->identity, after_chmod);
}

TEST_F(FilesystemBlobStoreTest, SymbolicLinksAreNeverFollowed) {
  const fs::path secret = folder_ / "secret";
  write_text(secret, "secret");
  const ObjectKey as_file = key_of("1", "2", "3");
  fs::create_directories(path_of(as_file).parent_path());
  fs::create_symlink(secret, path_of(as_file));
  // Inside the tree too: the link's target is another image.
  const ObjectKey real = key_of("9", "9", "9");
  ASSERT_TRUE(publish_text(store(), real, "real"));
  const ObjectKey through_folder = key_of("8", "9", "9");
  fs::create_directory_symlink("9", root() / "radiology/8");

  for (const ObjectKey& key : {as_file, through_folder}) {
    EXPECT_EQ(reason_of(store().get(key)), "no_such_blob") << key.str();
    EXPECT_EQ(reason_of(store().stat(key)), "no_such_blob") << key.str();
    EXPECT_EQ(reason_of(store().adopt(key, {})), "no_such_blob") << key.str();
    EXPECT_EQ(reason_of(store().remove(key)), "success") << key.str();
  }
  EXPECT_EQ(reason_of(publish_text(store(), as_file, "x")), "key_occupied");
  EXPECT_EQ(reason_of(publish_text(store(), through_folder, "x")), "unsafe_path");
  EXPECT_EQ(read_file(secret, 100).value(), "secret");
  EXPECT_EQ(read_text(store(), real).value(), "real");

  KeyCollector listed;
  ASSERT_TRUE(store().list({}, listed));
  EXPECT_EQ(listed.keys, std::vector<std::string>{real.str()});
  EXPECT_EQ(listed.foreign_paths, (std::vector<std::string>{as_file.str(), "radiology/8"}));

  for (const std::string& link : listed.foreign_paths) {
    ASSERT_TRUE(store().quarantine_foreign(link)) << link;
    EXPECT_EQ(reason_of(store().quarantine_foreign(link)), "no_such_file") << link;
  }
  KeyCollector left;
  ASSERT_TRUE(store().list({}, left));
  EXPECT_EQ(left.foreign_paths, std::vector<std::string>());
  EXPECT_EQ(left.keys, std::vector<std::string>{real.str()});
  EXPECT_EQ(read_file(secret, 100).value(), "secret");
}

TEST_F(FilesystemBlobStoreTest, OnlyWhatIsForeignIsMovedAwayAsSuch) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "bytes"));
  write_text(root() / "radiology/1/2/3/folder/inside.txt", "x");
  write_text(root() / "avatars/me.png", "not ours");
  for (const std::string& path :
       {key.str(), std::string("radiology/1"), std::string("radiology/1/2/3"),
        std::string("radiology"), std::string("avatars/me.png"), std::string("../media"),
        std::string("radiology/../avatars"), std::string("radiology//x"), std::string()}) {
    EXPECT_EQ(reason_of(store().quarantine_foreign(path)), "not_foreign") << path;
  }
  EXPECT_EQ(reason_of(store().quarantine_foreign("radiology/none")), "no_such_file");
  ASSERT_TRUE(store().quarantine_foreign("radiology/1/2/3/folder"));
  EXPECT_FALSE(fs::exists(root() / "radiology/1/2/3/folder"));
  EXPECT_EQ(read_text(store(), key).value(), "bytes");
}

TEST_F(FilesystemBlobStoreTest, WhatIsNoPlainFileIsNoBlob) {
  const ObjectKey pipe = key_of("1", "2", "3");
  const ObjectKey folder = key_of("1", "2", "4");
  fs::create_directories(path_of(pipe).parent_path());
  ASSERT_EQ(::mkfifo(path_of(pipe).c_str(), 0600), 0);
  fs::create_directories(path_of(folder));
  for (const ObjectKey& key : {pipe, folder}) {
    EXPECT_EQ(reason_of(store().get(key)), "no_such_blob") << key.str();
    EXPECT_EQ(reason_of(publish_text(store(), key, "x")), "key_occupied") << key.str();
    EXPECT_EQ(reason_of(store().remove(key)), "success") << key.str();
    EXPECT_TRUE(fs::exists(path_of(key))) << key.str();
  }
}

TEST_F(FilesystemBlobStoreTest, AnAdoptedTreeIsReadAsItIs) {
  const ObjectKey key = key_of("1.2", "1.2.3", "1.2.3.4", "chest pa:1.dcm");
  write_text(path_of(key), "django's bytes");
  write_text(root() / "radiology/readme.txt", "not a blob");
  write_text(root() / "avatars/me.png", "not ours");
  const unsigned mode = mode_of(path_of(key));
  EXPECT_EQ(read_text(store(), key).value(), "django's bytes");
  EXPECT_TRUE(store().stat(key)->attributes.empty());
  const BlobAttributes attributes = attributes_of({{"sha256", "ab"}});
  ASSERT_TRUE(store().adopt(key, attributes));
  EXPECT_EQ(store().stat(key)->attributes, attributes);
  EXPECT_EQ(mode_of(path_of(key)), mode);
  KeyCollector listed;
  ASSERT_TRUE(store().list({}, listed));
  EXPECT_EQ(listed.keys, std::vector<std::string>{key.str()});
  EXPECT_EQ(listed.foreign_paths, std::vector<std::string>{"radiology/readme.txt"});
}

TEST_F(FilesystemBlobStoreTest, EmptyFoldersGoWithTheLastImage) {
  const ObjectKey first = key_of("1", "2", "3");
  const ObjectKey second = key_of("1", "4", "5");
  ASSERT_TRUE(publish_text(store(), first, "x"));
  ASSERT_TRUE(publish_text(store(), second, "x"));
  ASSERT_TRUE(store().remove(first));
  EXPECT_FALSE(fs::exists(root() / "radiology/1/2"));
  EXPECT_TRUE(fs::exists(root() / "radiology/1"));
  ASSERT_TRUE(store().remove(second));
  EXPECT_FALSE(fs::exists(root() / "radiology/1"));
  EXPECT_TRUE(fs::exists(root() / "radiology"));
}

TEST_F(FilesystemBlobStoreTest, ARefusedPublishLeavesNoFolderAndNoFile) {
  const ObjectKey key = key_of("1", "2", "3");
  write_text(root() / "radiology/1/2", "a file where a folder should be");
  EXPECT_EQ(reason_of(publish_text(store(), key, "x")), "unsafe_path");
  EXPECT_TRUE(fs::is_empty(root() / ".pacs-lite/staging"));
}

TEST_F(FilesystemBlobStoreTest, AStagedFileHasNoNameUntilItIsKept) {
  const std::unique_ptr<StagedBlob> staged = store().stage().value();
  ASSERT_TRUE(staged->append(as_bytes("bytes")));
  EXPECT_TRUE(fs::is_empty(root() / ".pacs-lite/staging")) << "a kill would leave this";
  ASSERT_TRUE(staged->keep());
  EXPECT_EQ(mode_of(root() / ".pacs-lite/staging" / staged->id()), 0600U);
  reopen();
  EXPECT_EQ(store().reopen_staged(staged->id()).value()->size_bytes(), 5U);
}

TEST_F(FilesystemBlobStoreTest, AnUploadThatIsPublishedAlreadyIsNotReopenedForWriting) {
  // What a kill leaves between the name under the key and the removal of the staging name.
  const ObjectKey key = key_of("1", "2", "3");
  std::unique_ptr<StagedBlob> staged = store().stage().value();
  const std::string id = staged->id();
  ASSERT_TRUE(staged->append(as_bytes("published")));
  ASSERT_TRUE(store().publish(std::move(staged), key, {}));
  fs::create_hard_link(path_of(key), root() / ".pacs-lite/staging" / id);
  EXPECT_EQ(reason_of(store().reopen_staged(id)), "no_such_upload");
  EXPECT_EQ(mode_of(path_of(key)), 0440U);
  const auto none_is_wanted = [](std::string_view) { return false; };
  EXPECT_EQ(store().clean_staging(std::chrono::seconds(0), none_is_wanted).value(), 1U);
  EXPECT_EQ(read_text(store(), key).value(), "published");
}

TEST_F(FilesystemBlobStoreTest, QuarantineKeepsTheBytesAndSaysWhatTheyWere) {
  const ObjectKey key = key_of("1", "2", "3");
  ASSERT_TRUE(publish_text(store(), key, "bad bytes", attributes_of({{"order", "7"}})));
  const std::string name = store().quarantine_published(key).value();
  const fs::path quarantine = root() / ".pacs-lite/quarantine";
  EXPECT_EQ(read_file(quarantine / name, 100).value(), "bad bytes");
  EXPECT_EQ(read_file(quarantine / (name + ".json"), 1000).value(),
            R"({"key":"radiology/1/2/3/image.dcm","attributes":{"order":"7"}})"
            "\n");
  EXPECT_FALSE(fs::exists(root() / "radiology/1"));
}

TEST_F(FilesystemBlobStoreTest, AQuarantinedFileIsKeptOnceAndNeverOverwritten) {
  const fs::path quarantine = root() / ".pacs-lite/quarantine";
  const auto refuse = [&] {
    std::unique_ptr<StagedBlob> staged = store().stage().value();
    staged->append(as_bytes("refused")).value();
    return store().quarantine(std::move(staged), attributes_of({{"image-uid", "1.2"}})).value();
  };
  const auto files = [&] {
    return std::distance(fs::directory_iterator(quarantine), fs::directory_iterator());
  };
  // printf '1.2\n%s' $(printf refused | sha256sum | cut -c1-64) | sha256sum
  const std::string first = refuse();
  EXPECT_EQ(first, "63f1d7aeab1dfb77ce462a42c3af10fa");
  EXPECT_EQ(refuse(), first);
  EXPECT_EQ(files(), 2) << "the bytes and what they were";

  const ObjectKey key = key_of("1", "2", "3");
  for (int repeat = 0; repeat < 3; ++repeat) {
    ASSERT_TRUE(publish_text(store(), key, "bad"));
    ASSERT_TRUE(store().quarantine_published(key));
  }
  EXPECT_EQ(files(), 4);

  // Damaged where it lies: it may be all that is left of something, and the good bytes come too.
  fs::permissions(quarantine / first, fs::perms::owner_all);
  write_text(quarantine / first, "rotten!");
  const std::string second = refuse();
  EXPECT_NE(second, first);
  EXPECT_EQ(refuse(), second);
  EXPECT_EQ(read_file(quarantine / first, 100).value(), "rotten!");
  EXPECT_EQ(read_file(quarantine / second, 100).value(), "refused");
  EXPECT_EQ(files(), 6);
}

TEST_F(FilesystemBlobStoreTest, RefusesSettingsThatCannotWork) {
  const auto reason = [](const FilesystemOptions& options) {
    return reason_of(open_filesystem_blob_store(options));
  };
  FilesystemOptions options;
  EXPECT_EQ(reason(options), "bad_media_root");
  options.root = folder_ / "absent/media";
  EXPECT_EQ(reason(options), "bad_media_root");
  write_text(folder_ / "file", "x");
  options.root = folder_ / "file";
  EXPECT_EQ(reason(options), "bad_media_root");
  options.root = folder_ / "other";
  options.file_mode = 0040;
  EXPECT_EQ(reason(options), "bad_permissions");
  options.file_mode = 0440;
  options.folder_mode = 0440;
  EXPECT_EQ(reason(options), "bad_permissions");
  options.folder_mode = 02750;
  ASSERT_EQ(reason(options), "success");
  write_text(fs::path(options.root) / ".pacs-lite/layout-version", "2\n");
  EXPECT_EQ(reason(options), "newer_layout");
}

TEST_F(FilesystemBlobStoreTest, AnUnprivilegedOwnerCanAdoptItsOwnReadOnlyFiles) {
  if (::geteuid() != 0) GTEST_SKIP() << "is what every other test does when not root";
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
  options_.root = folder_ / "unprivileged";
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65'534;
    if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) ::_exit(10);
    const auto store = open_filesystem_blob_store(options_);
    if (!store) ::_exit(11);
    const ObjectKey key = key_of("1", "2", "3");
    if (!publish_text(**store, key, "bytes", attributes_of({{"a", "1"}}))) ::_exit(12);
    if (!(*store)->adopt(key, attributes_of({{"a", "2"}}))) ::_exit(13);
    const auto info = (*store)->stat(key);
    if (!info || *info->attributes.find("a") != "2") ::_exit(14);
    if (mode_of(path_of(key)) != 0440U) ::_exit(15);
    if (!(*store)->quarantine_published(key)) ::_exit(16);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace pacs::storage
