// A query put together from parts, each with its values: text and bindings cannot get out of step.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/result.h"
#include "index/sqlite_connection.h"

namespace pacs::index {

class SqlQuery {
 public:
  explicit SqlQuery(std::string_view text) : text_(text) {}

  // `text` has as many question marks as there are values.
  template <typename... Values>
  SqlQuery& add(std::string_view text, const Values&... values) {
    text_ += text;
    (values_.emplace_back(value_of(values)), ...);
    return *this;
  }

  // Ready to step.
  [[nodiscard]] Result<Statement> prepare(Connection& connection) const {
    Statement statement = PACS_TRY(connection.prepare(text_));
    for (const Value& value : values_) {
      std::visit([&statement](const auto& content) { statement.bind(content); }, value);
    }
    return Result<Statement>(std::move(statement));
  }

 private:
  using Value = std::variant<int64_t, std::string>;

  static Value value_of(int64_t value) { return value; }
  static Value value_of(std::string_view value) { return std::string(value); }

  std::string text_;
  std::vector<Value> values_;
};

}  // namespace pacs::index
