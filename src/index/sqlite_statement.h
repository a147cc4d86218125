// A prepared statement on loan from its connection's cache: bind, step, read the columns in order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/bytes.h"
#include "core/result.h"

struct sqlite3_stmt;

namespace pacs::index {

class Connection;

// Belongs to the thread that has the connection. Goes back to the cache when it is destroyed.
class Statement {
 public:
  Statement(Connection& connection, sqlite3_stmt* statement, bool is_cached)
      : connection_(&connection), statement_(statement), is_cached_(is_cached) {}
  Statement(Statement&& other) noexcept
      : connection_(other.connection_),
        statement_(std::exchange(other.statement_, nullptr)),
        is_cached_(other.is_cached_),
        parameter_(other.parameter_),
        column_(other.column_),
        bind_code_(other.bind_code_),
        copies_values_(other.copies_values_) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // The next parameters, from left to right. An error shows in step().
  template <typename... Values>
  Statement& bind(const Values&... values) {
    (bind_one(values), ...);
    return *this;
  }
  // Binds and runs what returns no row. The values are not copied, since they outlive the run.
  template <typename... Values>
  [[nodiscard]] Result<void> run_with(const Values&... values) {
    copies_values_ = false;
    (bind_one(values), ...);
    return run();
  }

  // True: a row is there, and reading starts at its first column. False: there are no more.
  [[nodiscard]] Result<bool> step();
  // For what returns no row; whatever it returns is skipped.
  [[nodiscard]] Result<void> run();
  // To be bound and run again.
  void reset();

  // The next column of the row.
  [[nodiscard]] int64_t int64();
  [[nodiscard]] std::optional<int64_t> optional_int64();
  [[nodiscard]] std::string text();
  // A view until the next step.
  [[nodiscard]] std::string_view text_view();
  [[nodiscard]] Bytes blob();
  void skip() { ++column_; }

 private:
  void bind_one(int64_t value);
  void bind_one(int value) { bind_one(int64_t{value}); }
  void bind_one(std::string_view text);
  void bind_one(const std::string& text) { bind_one(std::string_view(text)); }
  void bind_one(const char* text) { bind_one(std::string_view(text)); }
  void bind_one(Bytes bytes);
  void bind_one(std::nullopt_t) { ++parameter_; }
  template <typename T>
  void bind_one(const std::optional<T>& value) {
    if (value) {
      bind_one(*value);
    } else {
      bind_one(std::nullopt);
    }
  }
  void keep(int code);

  Connection* connection_;
  sqlite3_stmt* statement_;
  bool is_cached_;
  int parameter_ = 0;  // the last that was bound
  int column_ = 0;     // the next to be read
  int bind_code_ = 0;  // the first error of a bind
  bool copies_values_ = true;
};

}  // namespace pacs::index
