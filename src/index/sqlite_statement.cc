#include "index/sqlite_statement.h"

#include <sqlite3.h>

#include "index/sqlite_connection.h"

namespace pacs::index {

Statement::~Statement() {
  if (statement_ == nullptr) return;
  if (is_cached_) {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    connection_->give_back(statement_);
  } else {
    sqlite3_finalize(statement_);
  }
}

void Statement::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  parameter_ = 0;
  column_ = 0;
  bind_code_ = SQLITE_OK;
}

Result<bool> Statement::step() {
  if (bind_code_ != SQLITE_OK) {
    return sqlite_error(nullptr, bind_code_, "binding a value");
  }
  const int code = sqlite3_step(statement_);
  column_ = 0;
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return connection_->error(code, "running a statement");
}

Result<void> Statement::run() {
  while (PACS_TRY(step())) {
  }
  return {};
}

void Statement::keep(int code) {
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

void Statement::bind_one(int64_t value) {
  keep(sqlite3_bind_int64(statement_, ++parameter_, value));
}

void Statement::bind_one(std::string_view text) {
  // A null pointer would bind NULL, which no text column takes.
  const char* data = text.data() != nullptr ? text.data() : "";
  keep(sqlite3_bind_text64(statement_, ++parameter_, data, text.size(),
                           copies_values_ ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind_one(Bytes bytes) {
  const void* data = bytes.data() != nullptr ? static_cast<const void*>(bytes.data()) : "";
  keep(sqlite3_bind_blob64(statement_, ++parameter_, data, bytes.size(),
                           copies_values_ ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

int64_t Statement::int64() { return sqlite3_column_int64(statement_, column_++); }

std::optional<int64_t> Statement::optional_int64() {
  if (sqlite3_column_type(statement_, column_) == SQLITE_NULL) {
    ++column_;
    return std::nullopt;
  }
  return int64();
}

std::string_view Statement::text_view() {
  const int column = column_++;
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? std::string_view() : std::string_view(data, size);
}

std::string Statement::text() { return std::string(text_view()); }

Bytes Statement::blob() {
  const int column = column_++;
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column));
  return {data, data == nullptr ? 0 : size};
}

}  // namespace pacs::index
