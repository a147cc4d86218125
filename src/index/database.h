// The index's database: one writer that groups the commits of all that wait, readers that nothing
// blocks. Who writes a noun (Studies, Uploads, …) does it over this; who reads the program's code
// meets SQL only inside this module.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/clock.h"
#include "core/result.h"

namespace pacs::index {

class IdReservations;
class Connection;  // reads: index/sqlite_connection.h
class MetadataCodec;
class WriteTransaction;  // writes: index/write_transaction.h

struct DatabaseOptions {
  // Names the audit chain of this process: one chain for each node and start.
  std::string node = "main";
  UnixMillis started_at = 0;

  // A work that finds as many waiting is refused: at 10,000 a second they are 0.4 s of work.
  size_t waiting_writes_max = 4096;
  // Bounds how long the first of a group waits for the last.
  size_t group_size_max = 512;
  size_t read_connections_max = 8;
  std::chrono::milliseconds read_connection_timeout{10'000};
  // What another process may hold the database for (an operator's sqlite3 shell).
  std::chrono::milliseconds busy_timeout{5'000};
  // The write-ahead log is copied into the database whenever it has grown by as much.
  size_t checkpoint_size_bytes = size_t{16} << 20;
  // For tests of a full disk; 0 is no limit.
  size_t size_pages_max = 0;
};

class Database {
 public:
  // Opens the database at `path`, or makes it (mode 0600, in a folder that exists), in WAL mode
  // with synchronous=FULL, and brings its schema up to date, after a copy of the old one beside it
  // (index_copy.h). On failure the database is as it was. Errors:
  //   unsupported/schema_newer     a newer program has been here
  //   corrupt/not_an_index         another program's database, or none at all
  //   internal/database_mode       WAL or synchronous=FULL could not be had
  //   unavailable/database_busy    another process holds it
  //   …/upgrade_copy_failed        no copy, no upgrade: mostly resource_exhausted
  //   and those of the file system.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const std::filesystem::path& path,
                                                              const DatabaseOptions& options);

  // Finishes the works that wait, moves the write-ahead log into the database, closes.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs `work`, of the form Result<T>(WriteTransaction&), on the writer's thread, together with
  // the works of all that wait in one transaction; returns after its commit is on stable storage.
  // When the work fails, it alone leaves nothing behind; when the commit fails, none of the group
  // does, and each is told. A work must neither wait for anything nor call write() or read().
  // Any thread. Errors: the work's own, and
  //   unavailable/busy                   too many wait
  //   unavailable/database_busy          another process holds the database
  //   resource_exhausted/database_full   no space; the database stays usable
  //   internal/database_io               an I/O error; see must_restart()
  //   unavailable/restart_required       after a failed fsync nothing is written any more
  template <typename Work>
  [[nodiscard]] auto write(Work&& work) -> std::invoke_result_t<Work&, WriteTransaction&> {
    using Answer = std::invoke_result_t<Work&, WriteTransaction&>;
    std::optional<Answer> answer;
    Result<void> committed = write_erased([&](WriteTransaction& transaction) -> Result<void> {
      answer.emplace(work(transaction));
      if (!*answer) return answer->error();
      return {};
    });
    if (!committed) return std::move(committed).error();
    return std::move(*answer);
  }

  // Runs `work`, of the form Result<T>(Connection&), on the caller's thread over one snapshot of
  // the database; it never waits for the writer. Any thread. Errors: the work's own, and
  //   unavailable/busy   no connection came free in time
  template <typename Work>
  [[nodiscard]] auto read(Work&& work) const -> std::invoke_result_t<Work&, Connection&> {
    using Answer = std::invoke_result_t<Work&, Connection&>;
    std::optional<Answer> answer;
    Result<void> done = read_erased([&](Connection& connection) -> Result<void> {
      answer.emplace(work(connection));
      return {};
    });
    if (!done) return std::move(done).error();
    return std::move(*answer);
  }

  // True after a failed fsync: what the operating system still holds can no longer be trusted, so
  // writes are refused until the process has started anew. Any thread.
  [[nodiscard]] bool must_restart() const;

  // For the nouns of this module. Any thread.
  [[nodiscard]] IdReservations& ids();
  // Any thread may decompress.
  [[nodiscard]] const MetadataCodec& metadata_codec() const;

  // As the connection that writes tells it: for `check`, `config` and the log.
  struct Facts {
    std::string sqlite_version;
    std::string journal_mode;  // "wal"
    int64_t synchronous = 0;   // of the connection that writes; 2 is FULL
    int schema_version = 0;
    int64_t size_bytes = 0;
  };
  [[nodiscard]] Result<Facts> facts();

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  [[nodiscard]] Result<void> write_erased(
      const std::function<Result<void>(WriteTransaction&)>& work);
  [[nodiscard]] Result<void> read_erased(
      const std::function<Result<void>(Connection&)>& work) const;

  std::unique_ptr<State> state_;
};

}  // namespace pacs::index
