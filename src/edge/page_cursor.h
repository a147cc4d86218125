// The opaque token by which a list goes on where its last page ended. A MAC binds it to the list:
// its route, filters, ordering and reader, so that it opens no page of another one.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "core/result.h"
#include "edge/authorise.h"
#include "http/request.h"
#include "storage/signing_keys.h"

namespace pacs::edge {

// Which list a request asks for, in one spelling: all that decides which records it has, and who
// reads it. `about_pages` names the parameters that say only which page is wanted.
[[nodiscard]] std::string list_of(const http::Request& request, const Caller& caller,
                                  std::initializer_list<std::string_view> about_pages);

// `place` is what the list needs to go on, in bytes of its own; it can be read by who has the
// cursor, but not changed.
[[nodiscard]] std::string write_page_cursor(std::string_view place, std::string_view list,
                                            const storage::SigningKeys& keys);
// The place. invalid_argument/bad_cursor for anything but a cursor of exactly this list.
[[nodiscard]] Result<std::string> read_page_cursor(std::string_view text, std::string_view list,
                                                   const storage::SigningKeys& keys);

// What a list answers to a cursor that is not its own.
[[nodiscard]] Error bad_page_cursor();

}  // namespace pacs::edge
