// The parameters of a request's query, read by name and checked by type.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.h"
#include "http/request.h"
#include "index/order.h"

namespace pacs::rest {

// A whole number of seconds, 1 to 604800: the life of a link.
inline constexpr int64_t kLinkSecondsMax = 604'800;

// An empty parameter counts as absent. Errors of all readers: invalid_argument/bad_parameter, which
// names it; also when it was sent twice.
class QueryFields {
 public:
  explicit QueryFields(const http::Request& request) : request_(request) {}

  [[nodiscard]] Result<std::optional<std::string>> find_text(std::string_view name,
                                                             size_t size_bytes_max = 256);
  [[nodiscard]] Result<std::optional<int64_t>> find_integer(std::string_view name, int64_t least,
                                                            int64_t most);
  [[nodiscard]] Result<std::optional<index::OrderReference>> find_order();
  // A day, "from..to", "from.." or "..to", each YYYY-MM-DD.
  struct Days {
    std::optional<std::string> from;
    std::optional<std::string> to;
  };
  [[nodiscard]] Result<Days> find_days(std::string_view name);

  // Logs the parameters that nothing has asked for.
  void warn_of_unknown() const;

 private:
  const http::Request& request_;
  std::set<std::string, std::less<>> known_;
};

[[nodiscard]] Error bad_parameter(std::string_view name, std::string_view what);

}  // namespace pacs::rest
