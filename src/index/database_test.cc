#include "index/database.h"

#include <atomic>
#include <chrono>
#include <fstream>
#include <latch>
#include <new>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "index/migrations.h"
#include "index/schema.h"
#include "index/search_reader.h"
#include "index/sqlite_connection.h"
#include "index/write_transaction.h"
#include "tests/support/index_builder.h"

namespace pacs::index {
namespace {

using tests::audit_line;
using tests::must;
using tests::reason_of;
using tests::TestIndex;

Result<void> put(WriteTransaction& transaction, const std::string& name) {
  return transaction.connection().run("INSERT INTO archive_state(name, value) VALUES (?, 'x')",
                                      name);
}

int64_t count_of_names(Database& database) {
  return *must(database.read([](Connection& connection) {
    return connection.find_int64("SELECT count(*) FROM archive_state");
  }));
}

// Runs `works` in one group: a first work keeps the writer busy until all of them wait.
std::vector<Result<void>> write_together(
    Database& database, const std::vector<std::function<Result<void>(WriteTransaction&)>>& works) {
  std::vector<Result<void>> results(works.size());
  std::latch writer_is_busy(1);
  std::atomic<bool> go{false};
  std::thread first([&] {
    must(database.write([&](WriteTransaction&) -> Result<void> {
      writer_is_busy.count_down();
      while (!go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return {};
    }));
  });
  writer_is_busy.wait();
  std::vector<std::thread> threads;
  for (size_t i = 0; i < works.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = database.write(works[i]); });
    // In this order.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  go = true;
  first.join();
  for (std::thread& thread : threads) thread.join();
  return results;
}

void run_sql(const std::filesystem::path& path, const char* sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  char* message = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, &message), SQLITE_OK)
      << (message != nullptr ? message : "");
  sqlite3_free(message);
  sqlite3_close(database);
}

TEST(Database, CommitsInTheModeThatSurvivesAPowerCut) {
  TestIndex index;
  const auto facts = must(index.database().facts());
  EXPECT_EQ(facts.journal_mode, "wal");
  EXPECT_EQ(facts.synchronous, 2) << "FULL";
  EXPECT_EQ(facts.schema_version, all_migrations().back().version);
  EXPECT_GT(facts.size_bytes, 0);
}

TEST(Database, IsReadableForItsOwnerAlone) {
  TestIndex index;
  must(index.state().set("a", "b", audit_line()));
  for (const auto& file : std::filesystem::directory_iterator(index.folder())) {
    struct stat status {};
    ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << file.path();
  }
}

TEST(Database, KeepsWhatWasWrittenOverAReopen) {
  TestIndex index;
  must(index.state().set("archive_id", "abc", audit_line()));
  index.reopen();
  EXPECT_EQ(must(index.state().find("archive_id")), "abc");
}

TEST(Database, MovesItsLogWhenItCloses) {
  testing_support::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "index.db";
  {
    auto database = must(Database::open(path, {}));
    must(ArchiveState(*database).set("a", "b", audit_line()));
    EXPECT_TRUE(std::filesystem::exists(path.string() + "-wal"));
  }
  EXPECT_FALSE(std::filesystem::exists(path.string() + "-wal"));
}

TEST(Database, AFailedWorkLeavesNothingAndSparesTheOthersOfItsGroup) {
  TestIndex index;
  const auto results = write_together(
      index.database(),
      {[](WriteTransaction& transaction) { return put(transaction, "first"); },
       [](WriteTransaction& transaction) -> Result<void> {
         PACS_TRY(put(transaction, "second"));
         PACS_TRY(transaction.audit(audit_line("lost")));
         return conflict("on_purpose", "");
       },
       [](WriteTransaction& transaction) { return put(transaction, "first"); },  // violates a key
       [](WriteTransaction& transaction) -> Result<void> {
         PACS_TRY(put(transaction, "third"));
         return transaction.audit(audit_line("kept"));
       }});
  EXPECT_TRUE(results[0]);
  EXPECT_EQ(reason_of(results[1]), "on_purpose");
  EXPECT_EQ(reason_of(results[2]), "database");
  EXPECT_TRUE(results[3]);
  EXPECT_EQ(must(index.state().find("first")), "x");
  EXPECT_FALSE(must(index.state().find("second")));
  EXPECT_EQ(must(index.state().find("third")), "x");
  const auto lines = must(index.audit_log().list(tests::Scopes::everything(), {}));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].line.action, "kept");
  EXPECT_FALSE(must(index.audit_log().verify_chain())) << "the chain forgot the lost line";
}

TEST(Database, RefusesWorksBeyondItsQueue) {
  DatabaseOptions options;
  options.waiting_writes_max = 2;
  TestIndex index(options);
  std::atomic<int> busy{0};
  std::vector<std::function<Result<void>(WriteTransaction&)>> works(
      5, [](WriteTransaction&) -> Result<void> { return {}; });
  for (const auto& result : write_together(index.database(), works)) {
    if (!result) {
      EXPECT_EQ(result.error().code, ErrorCode::unavailable);
      EXPECT_EQ(result.error().reason, "busy");
      ++busy;
    }
  }
  EXPECT_EQ(busy, 3);
}

TEST(Database, ReadersSeeOneSnapshotAndDoNotWaitForTheWriter) {
  TestIndex index;
  must(index.state().set("before", "x", audit_line()));
  std::latch has_written(1);
  std::atomic<bool> go{false};
  std::thread writer([&] {
    must(index.database().write([&](WriteTransaction& transaction) -> Result<void> {
      PACS_TRY(put(transaction, "during"));
      has_written.count_down();
      while (!go) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return {};
    }));
  });
  has_written.wait();
  EXPECT_EQ(count_of_names(index.database()), 1) << "answered while a transaction is open";
  must(index.database().read([&](Connection& connection) -> Result<void> {
    const char* count = "SELECT count(*) FROM archive_state";
    EXPECT_EQ(*must(connection.find_int64(count)), 1);
    go = true;
    writer.join();
    EXPECT_EQ(*must(connection.find_int64(count)), 1) << "still the snapshot of the beginning";
    return {};
  }));
  EXPECT_EQ(count_of_names(index.database()), 2);
}

TEST(Database, AReaderCannotWrite) {
  TestIndex index;
  const auto result = index.database().read([](Connection& connection) {
    return connection.run("INSERT INTO archive_state(name, value) VALUES ('a', 'b')");
  });
  EXPECT_FALSE(result);
}

TEST(Database, AReaderThatRunsOutOfMemoryLeavesNoTransactionToTheNext) {
  DatabaseOptions options;
  options.read_connections_max = 1;
  TestIndex index(options);
  for (int round = 0; round < 3; ++round) {
    EXPECT_THROW(static_cast<void>(index.database().read(
                     [](Connection&) -> Result<void> { throw std::bad_alloc(); })),
                 std::bad_alloc);
    EXPECT_TRUE(index.database().read([](Connection&) -> Result<void> { return {}; }));
  }
  // Nor is a reader left behind in an old snapshot.
  const int64_t before = count_of_names(index.database());
  must(index.database().write([](WriteTransaction& transaction) { return put(transaction, "n"); }));
  EXPECT_EQ(count_of_names(index.database()), before + 1);
}

TEST(Database, SaysBusyWhenAllReadersAreTaken) {
  DatabaseOptions options;
  options.read_connections_max = 1;
  options.read_connection_timeout = std::chrono::milliseconds(10);
  TestIndex index(options);
  must(index.database().read([&](Connection&) -> Result<void> {
    const auto second = index.database().read([](Connection&) -> Result<void> { return {}; });
    EXPECT_EQ(reason_of(second), "busy");
    return {};
  }));
  EXPECT_TRUE(index.database().read([](Connection&) -> Result<void> { return {}; }));
}

TEST(Database, AFullDiskIsToldAndSurvived) {
  TestIndex roomy;
  const auto pages = must(roomy.database().facts()).size_bytes / 8192;
  DatabaseOptions options;
  options.size_pages_max = static_cast<size_t>(pages) + 20;
  TestIndex index(options);
  const std::string value(100'000, 'x');
  Result<void> result;
  int stored = 0;
  for (; stored < 1000; ++stored) {
    result = index.state().set("name " + std::to_string(stored), value, audit_line());
    if (!result) break;
  }
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::resource_exhausted);
  EXPECT_EQ(result.error().reason, "database_full");
  EXPECT_FALSE(index.database().must_restart());
  EXPECT_GT(stored, 0);
  EXPECT_EQ(count_of_names(index.database()), stored) << "reads go on, nothing is half there";
  EXPECT_EQ(reason_of(index.state().set("another", value, audit_line())), "database_full");
  EXPECT_TRUE(index.state().set("name 0", "smaller", audit_line())) << "what fits is written";
  EXPECT_FALSE(must(index.audit_log().verify_chain()));
}

TEST(Database, TheLogDoesNotGrowForEverUnderASteadyLoad) {
  DatabaseOptions options;
  options.checkpoint_size_bytes = 1 << 20;
  TestIndex index(options);
  uintmax_t largest = 0;
  const std::string value(20'000, 'x');
  std::vector<std::thread> writers;
  for (int thread = 0; thread < 4; ++thread) {
    writers.emplace_back([&index, &value, thread] {
      for (int i = 0; i < 500; ++i) {
        must(index.state().set(std::to_string(thread * 1000 + i % 50), value, audit_line()));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  largest = std::filesystem::file_size(index.path().string() + "-wal");
  // 2000 works of 24 kB each are 48 MB of log, had it never been moved.
  EXPECT_LT(largest, uintmax_t{12} << 20);
}

TEST(Database, RefusesTheIndexOfANewerProgramAndLeavesItAlone) {
  TestIndex index;
  const auto path = index.folder() / "newer.db";
  { must(Database::open(path, {})); }
  run_sql(path, "PRAGMA user_version=999");
  const auto opened = Database::open(path, {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::unsupported);
  EXPECT_EQ(opened.error().reason, "schema_newer");
  EXPECT_NE(opened.error().detail.find("999"), std::string::npos) << opened.error().detail;
  run_sql(path, "SELECT * FROM studies");
}

TEST(Database, RefusesWhatIsNotAnIndex) {
  TestIndex index;
  const auto text = index.folder() / "text.db";
  std::ofstream(text) << std::string(10'000, 'x');
  EXPECT_EQ(reason_of(Database::open(text, {})), "not_an_index");
  const auto foreign = index.folder() / "foreign.db";
  run_sql(foreign, "CREATE TABLE django_session(id)");
  EXPECT_EQ(reason_of(Database::open(foreign, {})), "not_an_index");
  run_sql(foreign, "SELECT * FROM django_session");
  EXPECT_EQ(reason_of(Database::open(index.folder() / "no folder" / "index.db", {})),
            "no_such_file");
}

TEST(Migrations, ADatabaseOfVersion1IsBroughtForwardAfterACopy) {
  testing_support::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "index.db";
  std::ofstream(path).close();
  {
    auto connection = must(Connection::open(path, {ConnectionOptions::Access::read_write}));
    must(migrate(*connection, path, all_migrations().first(1), 0));
    must(connection->run("INSERT INTO archive_state(name, value) VALUES ('archive_id', 'old')"));
    EXPECT_EQ(must(connection->find_int64("PRAGMA user_version")), 1);
  }
  {
    DatabaseOptions options;
    options.started_at = 1'700'000'000'000;
    auto database = must(Database::open(path, options));
    EXPECT_EQ(must(ArchiveState(*database).find("archive_id")), "old");
    EXPECT_EQ(must(database->facts()).schema_version, all_migrations().back().version);
    must(Ingests(*database).commit(tests::ingest_of("1.1", "1.2", "1.3"), audit_line()));
  }
  const std::filesystem::path copy = folder.path() / "index.schema-1.20231114T221320Z.db";
  ASSERT_TRUE(std::filesystem::exists(copy));
  struct stat status {};
  ASSERT_EQ(::stat(copy.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  auto old = must(Connection::open(copy, {}));
  EXPECT_EQ(must(old->find_int64("PRAGMA user_version")), 1);
  EXPECT_EQ(must(old->pragma("SELECT value FROM archive_state")), "old");
}

TEST(Migrations, ShareLinksOfVersion6OpenTheirStudyStill) {
  testing_support::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "index.db";
  std::ofstream(path).close();
  {
    auto connection = must(Connection::open(path, {ConnectionOptions::Access::read_write}));
    must(migrate(*connection, path, all_migrations().first(6), 0));
    must(connection->run(
        "INSERT INTO studies(id, study_uid, patient_id, patient_name, patient_birth_date,"
        " patient_sex, study_date, study_time, description, accession_number, referring_physician,"
        " described_by, name_key, created_at, updated_at)"
        " VALUES (5, '1.2', '', '', '', '', '', '', '', '', '', 1, '', 0, 0)"));
    for (const char* study : {"5", "NULL"}) {
      must(connection->run(std::string("INSERT INTO tokens(name, roles, secret_sha256, study_id,"
                                       " created_at) VALUES ('x', 'reader', randomblob(32), ") +
                           study + ", 0)"));
    }
  }
  auto database = must(Database::open(path, {}));
  const Tokens tokens(*database);
  EXPECT_EQ(must(tokens.find(tests::Scopes::everything(), 1))->studies,
            (std::vector{LinkedStudy{5, "1.2"}}));
  EXPECT_TRUE(must(tokens.find(tests::Scopes::everything(), 2))->studies.empty());
}

TEST(Migrations, StudiesOfVersion7AreFoundByTheirNames) {
  testing_support::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "index.db";
  std::ofstream(path).close();
  {
    auto connection = must(Connection::open(path, {ConnectionOptions::Access::read_write}));
    must(migrate(*connection, path, all_migrations().first(7), 0));
    for (const char* study : {"(5, '1.5', 'Doe^Jane')", "(6, '1.6', 'Müller^Jürgen')"}) {
      must(connection->run(
          "INSERT INTO studies(id, study_uid, patient_name, patient_id, patient_birth_date,"
          " patient_sex, study_date, study_time, description, accession_number,"
          " referring_physician, described_by, name_key, created_at, updated_at, image_count)"
          " SELECT column1, column2, column3, '', '', '', '', '', '', '', '', 2, '', 0, 0, 1"
          " FROM (VALUES " +
          std::string(study) + ")"));
    }
  }
  auto database = must(Database::open(path, {}));
  std::vector<int64_t> found;
  const SearchConditions conditions{
      .name_keys = dicom::name_key_patterns("MULLER*", dicom::NameMatching::literal)};
  must(
      search(*database, tests::Scopes::everything(), conditions, {}, {}, [&](SearchReader& reader) {
        return reader.each_study([&](const StudyRecord& study) -> Result<Walk> {
          found.push_back(study.id);
          return Walk::go_on;
        });
      }));
  EXPECT_EQ(found, std::vector<int64_t>{6});
}

TEST(Migrations, AFailedStepLeavesTheVersionBefore) {
  testing_support::TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "index.db";
  std::ofstream(path).close();
  const Migration steps[] = {
      all_migrations()[0],
      {2, "fails halfway", [](Connection& connection) -> Result<void> {
         PACS_TRY(connection.run("INSERT INTO archive_state(name, value) VALUES ('half', '')"));
         return internal_error("on_purpose", "");
       }}};
  auto connection = must(Connection::open(path, {ConnectionOptions::Access::read_write}));
  EXPECT_EQ(reason_of(migrate(*connection, path, steps, 0)), "on_purpose");
  EXPECT_EQ(must(connection->find_int64("PRAGMA user_version")), 1);
  EXPECT_EQ(must(connection->find_int64("SELECT count(*) FROM archive_state")), 0);
}

}  // namespace
}  // namespace pacs::index
