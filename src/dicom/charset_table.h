// The defined terms of Specific Character Set (PS3.3 C.12.1.1.2) and the escape sequences that
// switch to each set within a value (PS3.3 tables C.12-3 and C.12-4).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pacs::dicom {

// How bytes become characters. The graphic sets of ISO 2022 occupy G0 (bytes below 80) or G1.
enum class Code : uint8_t {
  ascii,        // G0, ISO-IR 6
  romaji,       // G0, ISO-IR 14: ASCII with yen and overline
  katakana,     // G1, the upper half of ISO-IR 13
  kanji,        // G0, two bytes, ISO-IR 87
  kanji_extra,  // G0, two bytes, ISO-IR 159
  korean,       // G1, two bytes, ISO-IR 149
  chinese,      // G1, two bytes, ISO-IR 58
  latin_1,      // G1 from here on
  latin_2,
  latin_3,
  latin_4,
  latin_5,
  latin_9,
  cyrillic,
  arabic,
  greek,
  hebrew,
  thai,
  utf_8,  // whole values from here on, without code extensions
  gb18030,
  gbk,
};

struct CharacterSetTerm {
  // Upper case, without spaces, dashes and underscores, so that usual misspellings meet.
  std::string_view key;
  Code g0 = Code::ascii;
  std::optional<Code> g1 = std::nullopt;
  std::optional<Code> whole = std::nullopt;
};

struct EscapeSequence {
  std::string_view bytes;  // without ESC
  bool is_g0 = true;
  Code code = Code::ascii;
};

[[nodiscard]] std::span<const CharacterSetTerm> character_set_terms();
// Index into character_set_terms(); nothing for a term that nobody knows.
[[nodiscard]] std::optional<size_t> find_character_set_term(std::string_view text);
// The escape sequence that `text`, which stands behind an ESC, starts with; null for none.
[[nodiscard]] const EscapeSequence* find_escape_sequence(std::string_view text);

// Bytes of one code, without escape sequences, to UTF-8; appended to `to`. U+FFFD for what is none.
void append_utf8(Code code, std::string_view bytes, std::string& to);

}  // namespace pacs::dicom
