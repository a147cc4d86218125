// Texts as they are searched and sorted: without regard to case, the parts of a DICOM name
// ("DOE^JOHN=…", PS3.5 6.2.1) as words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pacs::index {

// Case folded; separators of names, control characters and runs of spaces become one space.
[[nodiscard]] std::string searchable(std::string_view text);
// The words of a question, searchable.
[[nodiscard]] std::vector<std::string> search_words(std::string_view question);

// The full-text index knows pieces of three characters; a shorter word must be looked for in the
// texts.
[[nodiscard]] bool is_indexed_word(std::string_view word);
// A word as a phrase in the query language of FTS5.
[[nodiscard]] std::string quoted_phrase(std::string_view word);

}  // namespace pacs::index
