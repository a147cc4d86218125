// The place in a list that `next` and `previous` carry (edge/page_cursor.h seals it).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "storage/signing_keys.h"

namespace pacs::rest {

struct Cursor {
  enum class Direction { next, previous };
  Direction direction = Direction::next;
  std::string sort_key;
  int64_t id = 0;
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

// `list` says which list it is: edge::list_of().
[[nodiscard]] std::string write_cursor(const Cursor& cursor, std::string_view list,
                                       const storage::SigningKeys& keys);
// invalid_argument/bad_cursor for anything but a cursor of exactly this list.
[[nodiscard]] Result<Cursor> read_cursor(std::string_view text, std::string_view list,
                                         const storage::SigningKeys& keys);

}  // namespace pacs::rest
