// What all of our own pages have in common: head and end, and the page of an error.
#pragma once

#include <string>
#include <string_view>

#include "rest/html.h"

namespace pacs::rest {

// `prefix` is what a proxy puts before our paths; the style sheet and the icon lie below it.
void begin_page(HtmlWriter& html, std::string_view title, const std::string& prefix);
void end_page(HtmlWriter& html);

// What went wrong, for whoever followed the link.
[[nodiscard]] std::string error_page(std::string_view title, std::string_view text,
                                     std::string_view prefix);

}  // namespace pacs::rest
