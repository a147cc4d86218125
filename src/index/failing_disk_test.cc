// A disk whose fsync fails, as SQLite sees it: what the index may still say then.
#include <atomic>
#include <cstring>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "index/ingests.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::ingest_of;
using tests::must;
using tests::Scopes;

std::atomic<bool> fsync_fails{false};
std::atomic<bool> write_fails{false};

// The operating system's files, but for two methods that can be made to fail. SQLite gives the
// database and its log different methods, so each kind has a copy of its own.
struct WatchedMethods {
  const sqlite3_io_methods* real = nullptr;
  sqlite3_io_methods watched{};
};
WatchedMethods of_database;
WatchedMethods of_others;
sqlite3_vfs vfs;
sqlite3_vfs* real_vfs = nullptr;

const sqlite3_io_methods* real_methods(const sqlite3_file* file) {
  return file->pMethods == &of_database.watched ? of_database.real : of_others.real;
}

int sync_or_fail(sqlite3_file* file, int flags) {
  return fsync_fails ? SQLITE_IOERR_FSYNC : real_methods(file)->xSync(file, flags);
}

int write_or_fail(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  return write_fails ? SQLITE_IOERR_WRITE : real_methods(file)->xWrite(file, data, size, offset);
}

int open_watched(sqlite3_vfs*, sqlite3_filename name, sqlite3_file* file, int flags,
                 int* out_flags) {
  const int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  WatchedMethods& methods = (flags & SQLITE_OPEN_MAIN_DB) != 0 ? of_database : of_others;
  methods.real = file->pMethods;
  methods.watched = *file->pMethods;
  methods.watched.xSync = sync_or_fail;
  methods.watched.xWrite = write_or_fail;
  file->pMethods = &methods.watched;
  return code;
}

class FailingDisk : public testing::Test {
 protected:
  FailingDisk() {
    real_vfs = sqlite3_vfs_find(nullptr);
    vfs = *real_vfs;
    vfs.zName = "watched";
    vfs.xOpen = open_watched;
    EXPECT_EQ(sqlite3_vfs_register(&vfs, 1), SQLITE_OK);
    index_ = std::make_unique<tests::TestIndex>();
  }
  ~FailingDisk() override {
    fsync_fails = false;
    write_fails = false;
    index_.reset();
    sqlite3_vfs_unregister(&vfs);
  }

  std::unique_ptr<tests::TestIndex> index_;
};

TEST_F(FailingDisk, AfterAFailedFsyncNothingIsAcknowledgedUntilTheNextStart) {
  must(index_->ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  fsync_fails = true;
  const auto lost = index_->ingests().commit(ingest_of("1.1", "1.2", "1.4"), audit_line());
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().reason, "database_io");
  EXPECT_TRUE(index_->database().must_restart());
  fsync_fails = false;
  const auto refused = index_->ingests().commit(ingest_of("1.1", "1.2", "1.5"), audit_line());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(refused.error().reason, "restart_required");
  const auto known = must(index_->images().find(Scopes::everything(), tests::image_uid("1.3")));
  EXPECT_TRUE(known) << "reads go on";
  index_->reopen();
  EXPECT_FALSE(index_->database().must_restart());
  EXPECT_TRUE(index_->ingests().commit(ingest_of("1.1", "1.2", "1.4"), audit_line()));
  EXPECT_FALSE(must(index_->audit_log().verify_chain()));
}

TEST_F(FailingDisk, AFailedWriteIsToldAndTheNextOneSucceeds) {
  must(index_->ingests().commit(ingest_of("1.1", "1.2", "1.3"), audit_line()));
  write_fails = true;
  const auto lost = index_->ingests().commit(ingest_of("1.1", "1.2", "1.4"), audit_line());
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::internal);
  EXPECT_EQ(lost.error().reason, "database_io");
  write_fails = false;
  EXPECT_FALSE(must(index_->images().find(Scopes::everything(), tests::image_uid("1.4"))));
  EXPECT_TRUE(index_->ingests().commit(ingest_of("1.1", "1.2", "1.4"), audit_line()));
  EXPECT_FALSE(must(index_->audit_log().verify_chain()));
}

}  // namespace
}  // namespace pacs::index
