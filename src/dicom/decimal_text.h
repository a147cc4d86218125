// Decimal and Integer Strings (PS3.5 6.2, DS and IS) as numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pacs::dicom {

// The same number in the grammar of JSON (RFC 8259 section 6), digit by digit: ".5" is "0.5",
// "+07." is "7". Nothing when the text, which must be trimmed, is no number, or one that a reader
// of JSON may not be able to hold: a whole one of more than 64 bits, another beyond a double.
[[nodiscard]] std::optional<std::string> json_number(std::string_view text);

// Of the first value of an IS, padded as it may be; a DS with nothing but zeros behind its point
// counts too. Nothing for no number or one beyond 64 bits.
[[nodiscard]] std::optional<int64_t> integer_of(std::string_view text);

}  // namespace pacs::dicom
