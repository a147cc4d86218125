// One connection to the SQLite database, with its cache of prepared statements. It belongs to one
// thread at a time.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/result.h"
#include "index/sqlite_error.h"
#include "index/sqlite_statement.h"

struct sqlite3;
struct sqlite3_stmt;

namespace pacs::index {

struct ConnectionOptions {
  enum class Access { read_only, read_write };
  Access access = Access::read_only;
  std::chrono::milliseconds busy_timeout{5'000};
  size_t cache_size_kib = 4096;
};

class Connection {
 public:
  // The file must exist (an empty one is an empty database).
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& path,
                                                                const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From the cache when the same text was prepared before.
  [[nodiscard]] Result<Statement> prepare(std::string_view sql);

  // Prepares, binds and runs what returns no row.
  template <typename... Values>
  [[nodiscard]] Result<void> run(std::string_view sql, const Values&... values) {
    Statement statement = PACS_TRY(prepare(sql));
    return statement.run_with(values...);
  }

  // The first column of the first row as a number; nothing when there is no row or it is NULL.
  template <typename... Values>
  [[nodiscard]] Result<std::optional<int64_t>> find_int64(std::string_view sql,
                                                          const Values&... values) {
    Statement statement = PACS_TRY(prepare(sql));
    statement.bind(values...);
    if (!PACS_TRY(statement.step())) return std::optional<int64_t>();
    return statement.optional_int64();
  }

  // Several statements without parameters, for schemas and pragmas.
  [[nodiscard]] Result<void> run_script(const std::string& sql);
  // The first column of the first row as text; empty when there is none.
  [[nodiscard]] Result<std::string> pragma(std::string_view sql);

  [[nodiscard]] int64_t last_insert_id() const;
  // Rows that the last statement changed.
  [[nodiscard]] int64_t changes() const;
  // True outside a transaction, also when SQLite itself has rolled one back after an error.
  [[nodiscard]] bool is_autocommit() const;

  // What a checkpoint left to do.
  struct Checkpointed {
    int64_t log_frames = 0;    // in the write-ahead log
    int64_t moved_frames = 0;  // of them in the database
  };
  enum class CheckpointMode { passive, truncate };
  [[nodiscard]] Result<Checkpointed> checkpoint(CheckpointMode mode);
  // Frames in the write-ahead log after this connection's last commit.
  [[nodiscard]] int64_t log_frames() const { return log_frames_; }

  // The error of a call that has just failed here.
  [[nodiscard]] Error error(int code, std::string_view what);
  // True once an fsync has failed on this connection.
  [[nodiscard]] bool saw_failed_sync() const { return saw_failed_sync_; }

 private:
  friend class Statement;

  // How many texts the module has, with room for the shapes of a search; beyond, all idle ones go.
  static constexpr size_t kCachedStatementsMax = 256;

  struct Cached {
    sqlite3_stmt* statement = nullptr;
    bool is_lent = false;
  };
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  explicit Connection(sqlite3* database) : database_(database) {}
  [[nodiscard]] Result<void> configure(const ConnectionOptions& options);
  [[nodiscard]] Result<sqlite3_stmt*> compile(std::string_view sql);
  void drop_idle_statements();
  void give_back(sqlite3_stmt* statement);

  sqlite3* database_;
  std::unordered_map<std::string, Cached, TextHash, std::equal_to<>> statements_;
  std::unordered_map<sqlite3_stmt*, Cached*> lent_;
  int64_t log_frames_ = 0;
  bool saw_failed_sync_ = false;
};

}  // namespace pacs::index
