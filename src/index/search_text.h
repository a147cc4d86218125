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

}  // namespace pacs::index
