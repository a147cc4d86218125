#include "index/database.h"

#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/log.h"
#include "index/audit_chain.h"
#include "index/commit_writer.h"
#include "index/id_reservations.h"
#include "index/metadata_codec.h"
#include "index/migrations.h"
#include "index/read_pool.h"
#include "index/sqlite_connection.h"
#include "index/write_transaction.h"

namespace pacs::index {
namespace {

// Rows of a few hundred bytes: fewer levels and fewer overflow pages than with SQLite's 4096.
constexpr int64_t kPageSizeBytes = 8192;
// The pages that every ingest touches (the upper levels of a dozen trees) with room to spare.
constexpr size_t kWriteCacheKib = 32 * 1024;
// Readers share the operating system's cache behind theirs.
constexpr size_t kReadCacheKib = 4 * 1024;
// What stays of the log's file when it starts again from its beginning, in multiples of the size
// at which it is moved.
constexpr size_t kLogSizeKeptFactor = 2;

// SQLite would make it readable for all; its -wal and -shm files take over the mode of this one.
Result<void> make_file(const std::filesystem::path& path) {
  const UniqueFd file = PACS_TRY(open_file(path.string(), O_RDWR | O_CREAT, 0600, "the index"));
  if (::fchmod(file.get(), 0600) != 0) return system_error(errno, "protecting the index");
  return {};
}

Result<void> sync_folder(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  const UniqueFd opened =
      PACS_TRY(open_file(folder.string(), O_RDONLY | O_DIRECTORY, 0, "the folder of the index"));
  return sync_to_disk(opened.get(), "the folder of the index");
}

// What is asked for is read back: a file system without shared memory, or a library that was built
// otherwise, refuses in silence.
Result<void> set_modes(Connection& connection, const DatabaseOptions& options) {
  PACS_TRY(connection.run_script("PRAGMA page_size=" + std::to_string(kPageSizeBytes)));
  const std::string journal = PACS_TRY(connection.pragma("PRAGMA journal_mode=WAL"));
  PACS_TRY(
      connection.run_script("PRAGMA synchronous=FULL; PRAGMA journal_size_limit=" +
                            std::to_string(options.checkpoint_size_bytes * kLogSizeKeptFactor)));
  if (options.size_pages_max > 0) {
    PACS_TRY(
        connection.run_script("PRAGMA max_page_count=" + std::to_string(options.size_pages_max)));
  }
  constexpr int64_t kFull = 2;
  const auto synchronous = PACS_TRY(connection.find_int64("PRAGMA synchronous"));
  const auto foreign_keys = PACS_TRY(connection.find_int64("PRAGMA foreign_keys"));
  if (journal != "wal" || synchronous != kFull || foreign_keys != 1) {
    return internal_error("database_mode",
                          "The index needs SQLite's WAL mode with synchronous=FULL, and got "
                          "journal_mode=" +
                              journal + ". Is the data folder on a network file system?");
  }
  return {};
}

}  // namespace

struct Database::State {
  std::filesystem::path path;
  std::unique_ptr<MetadataCodec> codec;
  std::unique_ptr<ReadPool> readers;
  std::unique_ptr<CommitWriter> writer;  // finishes what waits
  std::unique_ptr<IdReservations> ids;   // writes as it goes, so it goes first
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() { state_->ids.reset(); }

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& path,
                                                 const DatabaseOptions& options) {
  PACS_TRY(make_file(path));
  const ConnectionOptions writing{ConnectionOptions::Access::read_write, options.busy_timeout,
                                  kWriteCacheKib};
  auto connection = PACS_TRY(Connection::open(path, writing));
  // Whose database this is comes before anything that could change it.
  PACS_TRY(check_owner(*connection));
  PACS_TRY(set_modes(*connection, options));
  PACS_TRY(migrate(*connection, path, all_migrations(), options.started_at));
  PACS_TRY(sync_folder(path));

  auto checkpoints = PACS_TRY(Connection::open(path, writing));
  PACS_TRY(set_modes(*checkpoints, options));

  auto state = std::make_unique<State>();
  state->path = path;
  state->codec = PACS_TRY(MetadataCodec::load(*connection));
  state->readers = std::make_unique<ReadPool>(
      path, ReadPool::Options{options.read_connections_max, options.read_connection_timeout,
                              ConnectionOptions{ConnectionOptions::Access::read_only,
                                                options.busy_timeout, kReadCacheKib}});
  const auto page_size = PACS_TRY(connection->find_int64("PRAGMA page_size"));
  state->writer = std::make_unique<CommitWriter>(
      std::move(connection), std::move(checkpoints), *state->codec,
      AuditChain(options.node, options.started_at),
      CommitWriter::Options{options.waiting_writes_max, options.group_size_max,
                            options.checkpoint_size_bytes,
                            static_cast<size_t>(page_size.value_or(kPageSizeBytes))});
  std::unique_ptr<Database> database(new Database(std::move(state)));
  database->state_->ids = std::make_unique<IdReservations>(*database);
  return database;
}

Result<void> Database::write_erased(const std::function<Result<void>(WriteTransaction&)>& work) {
  return state_->writer->write(work);
}

Result<void> Database::read_erased(const std::function<Result<void>(Connection&)>& work) const {
  const ReadPool::Lent connection = PACS_TRY(state_->readers->lend());
  PACS_TRY(connection->run("BEGIN"));
  const Result<void> done = work(*connection);
  const Result<void> ended = connection->run("ROLLBACK");
  if (!done) return done;
  return ended;
}

bool Database::must_restart() const { return state_->writer->must_restart(); }

IdReservations& Database::ids() { return *state_->ids; }

const MetadataCodec& Database::metadata_codec() const { return *state_->codec; }

Result<Database::Facts> Database::facts() {
  return write([](WriteTransaction& transaction) -> Result<Facts> {
    Connection& connection = transaction.connection();
    Facts facts;
    facts.sqlite_version = PACS_TRY(connection.pragma("SELECT sqlite_version()"));
    facts.journal_mode = PACS_TRY(connection.pragma("PRAGMA journal_mode"));
    facts.synchronous = PACS_TRY(connection.find_int64("PRAGMA synchronous")).value_or(0);
    facts.schema_version =
        static_cast<int>(PACS_TRY(connection.find_int64("PRAGMA user_version")).value_or(0));
    const int64_t pages = PACS_TRY(connection.find_int64("PRAGMA page_count")).value_or(0);
    const int64_t size = PACS_TRY(connection.find_int64("PRAGMA page_size")).value_or(0);
    facts.size_bytes = pages * size;
    return facts;
  });
}

}  // namespace pacs::index
