#include "index/sqlite_connection.h"

#include <sqlite3.h>

namespace pacs::index {

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& path,
                                                     const ConnectionOptions& options) {
  sqlite3* database = nullptr;
  // A connection has one thread at a time, so SQLite's own locks are left out.
  const int code = sqlite3_open_v2(path.c_str(), &database,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    Error error = sqlite_error(database, code, "opening the index");
    sqlite3_close(database);
    return error;
  }
  std::unique_ptr<Connection> connection(new Connection(database));
  PACS_TRY(connection->configure(options));
  return connection;
}

Result<void> Connection::configure(const ConnectionOptions& options) {
  sqlite3_extended_result_codes(database_, 1);
  sqlite3_busy_timeout(database_, static_cast<int>(options.busy_timeout.count()));
  // SQLite's own checkpoints would stall a commit. Turning them off takes the hook away as well, so
  // that comes first.
  sqlite3_wal_autocheckpoint(database_, 0);
  sqlite3_wal_hook(
      database_,
      [](void* self, sqlite3*, const char*, int frames) {
        static_cast<Connection*>(self)->log_frames_ = frames;
        return SQLITE_OK;
      },
      this);
  PACS_TRY(
      run_script("PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; "
                 "PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON;"
                 "PRAGMA cache_size=-" +
                 std::to_string(options.cache_size_kib)));
  if (options.access == ConnectionOptions::Access::read_only) {
    PACS_TRY(run_script("PRAGMA query_only=ON"));
  }
  return {};
}

Connection::~Connection() {
  for (auto& [sql, cached] : statements_) sqlite3_finalize(cached.statement);
  sqlite3_close(database_);
}

Result<sqlite3_stmt*> Connection::compile(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error(code, "preparing a statement");
  return statement;
}

Result<Statement> Connection::prepare(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    if (statements_.size() >= kCachedStatementsMax) drop_idle_statements();
    sqlite3_stmt* statement = PACS_TRY(compile(sql));
    found = statements_.emplace(std::string(sql), Cached{statement, false}).first;
  } else if (found->second.is_lent) {
    return Statement(*this, PACS_TRY(compile(sql)), false);
  }
  found->second.is_lent = true;
  lent_.emplace(found->second.statement, &found->second);
  return Statement(*this, found->second.statement, true);
}

void Connection::give_back(sqlite3_stmt* statement) {
  const auto found = lent_.find(statement);
  PACS_ASSERT(found != lent_.end());
  found->second->is_lent = false;
  lent_.erase(found);
}

void Connection::drop_idle_statements() {
  for (auto entry = statements_.begin(); entry != statements_.end();) {
    if (entry->second.is_lent) {
      ++entry;
    } else {
      sqlite3_finalize(entry->second.statement);
      entry = statements_.erase(entry);
    }
  }
}

Result<void> Connection::run_script(const std::string& sql) {
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code, "running a script");
  return {};
}

Result<std::string> Connection::pragma(std::string_view sql) {
  Statement statement = PACS_TRY(prepare(sql));
  if (!PACS_TRY(statement.step())) return std::string();
  return statement.text();
}

int64_t Connection::last_insert_id() const { return sqlite3_last_insert_rowid(database_); }
int64_t Connection::changes() const { return sqlite3_changes64(database_); }
bool Connection::is_autocommit() const { return sqlite3_get_autocommit(database_) != 0; }

Result<Connection::Checkpointed> Connection::checkpoint(CheckpointMode mode) {
  int log_frames = 0;
  int moved_frames = 0;
  const int code = sqlite3_wal_checkpoint_v2(
      database_, nullptr,
      mode == CheckpointMode::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE,
      &log_frames, &moved_frames);
  if (code != SQLITE_OK) return error(code, "moving the write-ahead log into the index");
  return Checkpointed{log_frames, moved_frames};
}

Error Connection::error(int code, std::string_view what) {
  if (is_failed_sync(sqlite3_extended_errcode(database_))) saw_failed_sync_ = true;
  return sqlite_error(database_, code, what);
}

}  // namespace pacs::index
