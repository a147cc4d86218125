// What the commands print: results to standard output, everything about them to standard error, so
// that a result can be piped on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pacs::cli {

void print(std::string_view text);  // as it is
void print_line(std::string_view line);
void print_error(std::string_view line);

// Is a person watching standard error? Then progress may be drawn over itself.
[[nodiscard]] bool error_is_terminal();

// "[#####---------------]  25 %".
[[nodiscard]] std::string progress_bar(uint64_t done, uint64_t all);

// Writes over what it has drawn before, on the terminal of standard error, as much as fits into a
// line of it; empty: removes it.
void draw_progress(std::string_view text);

// Columns of text under their headings, as wide as their widest cell, two spaces between.
[[nodiscard]] std::string as_table(const std::vector<std::string>& headings,
                                   const std::vector<std::vector<std::string>>& rows);

// "526 kB", "1.3 GB": powers of ten, as disks are sold.
[[nodiscard]] std::string human_bytes(uint64_t bytes);
// "3 ms", "1.25 s", "4 min 3 s".
[[nodiscard]] std::string human_millis(int64_t millis);
// What a terminal would obey is shown as "\x1b" instead: names come from strangers' files.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace pacs::cli
