// Small questions about text that several modules ask. ASCII alone unless it says otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pacs {

[[nodiscard]] std::string to_lower(std::string_view text);
[[nodiscard]] bool equals_ignoring_case(std::string_view left, std::string_view right);
// Without spaces and tabs at either end.
[[nodiscard]] std::string_view trim(std::string_view text);
// "a,b,,c" at ',' is four pieces; an empty text is one empty piece.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
// The whole text as a decimal number without sign; nothing on anything else or an overflow.
[[nodiscard]] std::optional<uint64_t> parse_unsigned(std::string_view text);

[[nodiscard]] bool is_utf8(std::string_view text);
// The same text with U+FFFD for every byte that is not part of UTF-8.
[[nodiscard]] std::string replace_invalid_utf8(std::string_view text);
// Normalization Form C of UTF-8; bytes that are not UTF-8 become U+FFFD first.
[[nodiscard]] std::string to_nfc(std::string_view text);
// For comparing without regard to case and width in any script: compatibility composed, case folded
// (Unicode 3.13, toNFKC_Casefold); bytes that are not UTF-8 become U+FFFD first.
[[nodiscard]] std::string fold_case(std::string_view text);
// fold_case, and without what sets a letter apart from its plain one: "Łódź" and "LODZ" are equal,
// and so are "Ægir" and "aegir". Marks of scripts that are no accents (kana, Arabic) stay.
[[nodiscard]] std::string fold_case_and_accents(std::string_view text);
// The nearest of `candidates` by edit distance, when it is near enough to be a slip of the keys.
[[nodiscard]] std::optional<std::string> nearest(std::string_view text,
                                                 const std::vector<std::string>& candidates);

}  // namespace pacs
