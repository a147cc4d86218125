#include "index/index_copy.h"

#include <array>
#include <atomic>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "index/migrations.h"
#include "index/sqlite_connection.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::ingest_of;
using tests::must;
using tests::reason_of;
using tests::TestIndex;

namespace fs = std::filesystem;

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

int64_t count_of(const fs::path& index, const std::string& table) {
  auto connection = must(Connection::open(index, {}));
  return *must(connection->find_int64("SELECT count(*) FROM " + table));
}

TEST(IndexCopy, IsOneMomentOfAnIndexThatIsWrittenTo) {
  TestIndex index;
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int number = 0; !stop; ++number) {
      must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3." + std::to_string(number)),
                                  audit_line()));
    }
  });
  for (int round = 0; round < 5; ++round) {
    const fs::path copy = index.folder() / "copy.db";
    must(copy_index(index.path(), copy));
    // The counter of the study is written in the transaction that writes the image.
    auto connection = must(Connection::open(copy, {}));
    EXPECT_EQ(must(connection->find_int64("SELECT coalesce(sum(image_count), 0) FROM studies")),
              must(connection->find_int64("SELECT count(*) FROM images")));
    EXPECT_EQ(must(connection->pragma("PRAGMA integrity_check")), "ok");
    struct ::stat status {};
    ASSERT_EQ(::stat(copy.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
  }
  stop = true;
  writer.join();
}

TEST(IndexCopy, WithoutRoomTheFormerCopyStays) {
  TestIndex index;
  const fs::path copy = index.folder() / "copy.db";
  must(copy_index(index.path(), copy));
  must(index.ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  fs::create_directory(copy.string() + ".partial");
  std::ofstream(copy.string() + ".partial/in-the-way").close();
  EXPECT_FALSE(copy_index(index.path(), copy));
  EXPECT_EQ(count_of(copy, "images"), 0);
  EXPECT_EQ(reason_of(copy_index(index.folder() / "none.db", copy)), "no_index");
}

// An index of the schema before the newest, with a name in it.
void make_old_index(const fs::path& path, size_t schema) {
  std::ofstream(path).close();
  auto connection = must(Connection::open(path, {ConnectionOptions::Access::read_write}));
  must(migrate(*connection, path, all_migrations().first(schema), 0));
}

TEST(IndexCopy, TheLastSchemasAreKeptAndOneCopyOfEach) {
  testing_support::TemporaryFolder folder;
  const fs::path path = folder.path() / "index.db";
  make_old_index(path, 1);
  auto connection = must(Connection::open(path, {ConnectionOptions::Access::read_write}));
  constexpr UnixMillis kDay = 86'400'000;
  constexpr std::array<int64_t, 6> kSchemas = {1, 2, 2, 3, 4, 4};
  for (size_t i = 0; i < kSchemas.size(); ++i) {
    must(copy_before_upgrade(*connection, path, kSchemas[i], static_cast<UnixMillis>(i) * kDay));
  }
  EXPECT_EQ(names_in(folder.path()),
            (std::set<std::string>{"index.db", "index.schema-2.19700103T000000Z.db",
                                   "index.schema-3.19700104T000000Z.db",
                                   "index.schema-4.19700106T000000Z.db"}));
}

TEST(IndexCopy, WithoutItNothingIsUpgraded) {
  testing_support::TemporaryFolder folder;
  const fs::path path = folder.path() / "index.db";
  const size_t before_last = all_migrations().size() - 1;
  make_old_index(path, before_last);
  DatabaseOptions options;
  options.started_at = 1'700'000'000'000;
  const fs::path partial = folder.path() / ("index.schema-" + std::to_string(before_last) +
                                            ".20231114T221320Z.db.partial");
  fs::create_directory(partial);
  std::ofstream(partial / "in-the-way").close();
  const auto refused = Database::open(path, options);
  ASSERT_EQ(reason_of(refused), "upgrade_copy_failed");
  EXPECT_NE(refused.error().detail.find("start again"), std::string::npos);
  {
    auto connection = must(Connection::open(path, {}));
    EXPECT_EQ(must(connection->find_int64("PRAGMA user_version")),
              static_cast<int64_t>(before_last));
  }
  fs::remove_all(partial);
  EXPECT_TRUE(Database::open(path, options));
}

}  // namespace
}  // namespace pacs::index
