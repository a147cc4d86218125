// For the tests of verification: a real index and a real filesystem store, whose files are damaged
// behind the archive's back.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "archive/archive_fixture.h"
#include "archive/verify_pass.h"
#include "storage/filesystem_blob_store.h"

namespace pacs::archive {

namespace fs = std::filesystem;

// Keeps the findings; may end the pass after some of them.
class FindingCollector final : public VerifyObserver {
 public:
  void found(const VerifyFinding& finding) override { findings.push_back(finding); }
  void looked_at_images(uint64_t count) override { images += count; }
  void looked_at_files(uint64_t count) override { files += count; }
  void reached(const VerifyPosition& position) override { last = position; }

  [[nodiscard]] std::vector<std::string> kinds() const {
    std::vector<std::string> names;
    for (const VerifyFinding& finding : findings) {
      names.emplace_back(to_string(finding.fault.kind));
    }
    return names;
  }

  std::vector<VerifyFinding> findings;
  uint64_t images = 0;
  uint64_t files = 0;
  VerifyPosition last;
};

class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest()
      : clock_(SystemClock().now()),
        database_(open_index("index.db")),
        stores_(open_store()),
        room_(stores_, folder_.path().string(), 0, clock_, metrics_),
        store_(stores_, *database_, claims_, room_, tests::Scopes::everything(), clock_, metrics_,
               {}),
        retrieve_(stores_, *database_, clock_, metrics_) {}

  std::unique_ptr<index::Database> open_index(const std::string& name) {
    index::DatabaseOptions options;
    options.started_at = clock_.now();
    return index::Database::open(folder_.path() / name, options).value();
  }

  std::unique_ptr<storage::BlobStore> open_store() {
    storage::FilesystemOptions options;
    options.root = folder_ / "media";
    return storage::open_filesystem_blob_store(options).value();
  }

  index::ImageRecord store(const std::string& content, const StoreRequest& request = request_of()) {
    MemorySource source(as_bytes(content));
    auto outcome = store_.store(request, source);
    EXPECT_TRUE(outcome) << (outcome ? "" : to_string(outcome.error()));
    return outcome->image;
  }

  // What an ingest leaves that was cut between its publish and its commit, or what a newer index
  // knew: the blob as `store` writes it, and no row here.
  ObjectKey store_without_row(const std::string& content,
                              const StoreRequest& request = request_of()) {
    const auto other = open_index("other" + std::to_string(++others_) + ".db");
    Claims claims;
    StoreService service(stores_, *other, claims, room_, tests::Scopes::everything(), clock_,
                         metrics_, {});
    MemorySource source(as_bytes(content));
    return service.store(request, source).value().image.attributes.key;
  }

  FindingCollector verify(VerifyDepth depth = VerifyDepth::hashes,
                          VerifyMode mode = VerifyMode::check) {
    FindingCollector seen;
    const auto done = run(depth, mode, seen, [] { return false; });
    EXPECT_TRUE(done) << (done ? "" : to_string(done.error()));
    return seen;
  }
  FindingCollector repair() { return verify(VerifyDepth::hashes, VerifyMode::repair); }

  Result<void> run(VerifyDepth depth, VerifyMode mode, FindingCollector& seen,
                   const std::function<bool()>& must_stop, VerifyPosition from = {}) {
    Pace pace(Pace::kNoLimit, clock_, retrieve_.readings(), must_stop);
    const index::Scope scope = tests::Scopes::everything();
    const VerifyGround ground{stores_, *database_, claims_, scope, clock_};
    const VerifyOrder order{depth, mode, {.id = "token:1", .name = "Operator", .request_id = "r1"}};
    return VerifyPass(ground, order, pace, seen).run(std::move(from));
  }

  [[nodiscard]] fs::path path_of(const ObjectKey& key) const {
    return folder_.path() / "media" / key.str();
  }
  [[nodiscard]] fs::path path_of(const index::ImageRecord& image) const {
    return path_of(image.attributes.key);
  }

  static std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // In place: the file keeps its inode and its attributes.
  static void overwrite(const fs::path& path, const std::string& content) {
    fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  }
  static void flip_a_bit(const fs::path& path) {
    std::string content = content_of(path);
    content[content.size() / 2] ^= 4;
    overwrite(path, content);
  }
  static void set_attributes(const fs::path& path, const storage::BlobAttributes& attributes) {
    fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
    const std::string json = attributes.to_json();
    ASSERT_EQ(::setxattr(path.c_str(), "user.pacs-lite", json.data(), json.size(), 0), 0);
  }

  // Everything under MEDIA_ROOT: what it is, what is in it, and when it was last touched.
  std::map<std::string, std::string> tree() const {
    std::map<std::string, std::string> entries;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / "media")) {
      struct ::stat status {};
      EXPECT_EQ(::lstat(entry.path().c_str(), &status), 0);
      std::string what = std::to_string(status.st_mode) + " " +
                         std::to_string(status.st_ctim.tv_sec) + "." +
                         std::to_string(status.st_ctim.tv_nsec) + " ";
      if (entry.is_symlink()) {
        what += fs::read_symlink(entry.path());
      } else if (entry.is_regular_file()) {
        what += content_of(entry.path());
      }
      entries[entry.path().string()] = what;
    }
    return entries;
  }

  // The files in the quarantine, without the descriptions beside them.
  size_t quarantined() const {
    size_t count = 0;
    for (const auto& entry :
         fs::directory_iterator(folder_.path() / "media/.pacs-lite/quarantine")) {
      count += entry.path().extension() != ".json" ? 1 : 0;
    }
    return count;
  }

  Result<std::string> read(const index::ImageRecord& image) {
    auto opened = PACS_TRY(retrieve_.open(tests::Scopes::everything(), image.attributes.key));
    return read_all(*opened.blob, UINT64_MAX);
  }

  static constexpr std::chrono::hours kMoreThanADay{25};

  testing_support::TemporaryFolder folder_;
  ManualClock clock_;
  Metrics metrics_;
  std::unique_ptr<index::Database> database_;
  Stores stores_;
  Claims claims_;
  Room room_;
  StoreService store_;
  RetrieveService retrieve_;
  int others_ = 0;
};

}  // namespace pacs::archive
