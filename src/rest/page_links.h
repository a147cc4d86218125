// `next` and `previous` of a list: the same request with a cursor.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/json_writer.h"
#include "core/result.h"
#include "edge/authorise.h"
#include "http/request.h"
#include "rest/cursor.h"
#include "rest/rest_services.h"

namespace pacs::rest {

class PageLinks {
 public:
  PageLinks(const RestServices& services, const http::Request& request, const edge::Caller& caller);

  // `?cursor=`, nothing without one. invalid_argument/bad_cursor unless it was made for this route,
  // these filters and this reader.
  [[nodiscard]] Result<std::optional<Cursor>> read(std::optional<std::string> text) const;
  // A whole URL, or null.
  void write(JsonWriter& writer, std::string_view name, const std::optional<Cursor>& cursor) const;

 private:
  const RestServices& services_;
  const http::Request& request_;
  std::string list_;  // what the cursor's MAC covers besides itself
};

}  // namespace pacs::rest
