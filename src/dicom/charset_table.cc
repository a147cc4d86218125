#include "dicom/charset_table.h"

#include <array>
#include <cerrno>

#include <iconv.h>

#include "core/text.h"

namespace pacs::dicom {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

constexpr CharacterSetTerm whole(std::string_view key, Code code) {
  return {key, Code::ascii, std::nullopt, code};
}

constexpr std::array kTerms = {
    CharacterSetTerm{"ISOIR6"},
    CharacterSetTerm{"ISO2022IR6"},
    CharacterSetTerm{"ISOIR100", Code::ascii, Code::latin_1},
    CharacterSetTerm{"ISO2022IR100", Code::ascii, Code::latin_1},
    CharacterSetTerm{"ISO88591", Code::ascii, Code::latin_1},
    CharacterSetTerm{"LATIN1", Code::ascii, Code::latin_1},
    CharacterSetTerm{"ISOIR101", Code::ascii, Code::latin_2},
    CharacterSetTerm{"ISO2022IR101", Code::ascii, Code::latin_2},
    CharacterSetTerm{"ISOIR109", Code::ascii, Code::latin_3},
    CharacterSetTerm{"ISO2022IR109", Code::ascii, Code::latin_3},
    CharacterSetTerm{"ISOIR110", Code::ascii, Code::latin_4},
    CharacterSetTerm{"ISO2022IR110", Code::ascii, Code::latin_4},
    CharacterSetTerm{"ISOIR148", Code::ascii, Code::latin_5},
    CharacterSetTerm{"ISO2022IR148", Code::ascii, Code::latin_5},
    CharacterSetTerm{"ISOIR203", Code::ascii, Code::latin_9},
    CharacterSetTerm{"ISO2022IR203", Code::ascii, Code::latin_9},
    CharacterSetTerm{"ISOIR144", Code::ascii, Code::cyrillic},
    CharacterSetTerm{"ISO2022IR144", Code::ascii, Code::cyrillic},
    CharacterSetTerm{"ISOIR127", Code::ascii, Code::arabic},
    CharacterSetTerm{"ISO2022IR127", Code::ascii, Code::arabic},
    CharacterSetTerm{"ISOIR126", Code::ascii, Code::greek},
    CharacterSetTerm{"ISO2022IR126", Code::ascii, Code::greek},
    CharacterSetTerm{"ISOIR138", Code::ascii, Code::hebrew},
    CharacterSetTerm{"ISO2022IR138", Code::ascii, Code::hebrew},
    CharacterSetTerm{"ISOIR166", Code::ascii, Code::thai},
    CharacterSetTerm{"ISO2022IR166", Code::ascii, Code::thai},
    CharacterSetTerm{"ISOIR13", Code::romaji, Code::katakana},
    CharacterSetTerm{"ISO2022IR13", Code::romaji, Code::katakana},
    CharacterSetTerm{"ISO2022IR87"},
    CharacterSetTerm{"ISO2022IR159"},
    // Only G1 of these two is used, so a value that forgets the escape sequence can be read still.
    CharacterSetTerm{"ISO2022IR149", Code::ascii, Code::korean},
    CharacterSetTerm{"ISO2022IR58", Code::ascii, Code::chinese},
    whole("ISOIR192", Code::utf_8),
    whole("ISO2022IR192", Code::utf_8),
    whole("UTF8", Code::utf_8),
    whole("GB18030", Code::gb18030),
    whole("GBK", Code::gbk),
};

constexpr std::array kEscapeSequences = {
    EscapeSequence{"(B", true, Code::ascii},        EscapeSequence{"(J", true, Code::romaji},
    EscapeSequence{")I", false, Code::katakana},    EscapeSequence{"$B", true, Code::kanji},
    EscapeSequence{"$@", true, Code::kanji},  // its edition of 1978
    EscapeSequence{"$(D", true, Code::kanji_extra}, EscapeSequence{"$)C", false, Code::korean},
    EscapeSequence{"$)A", false, Code::chinese},    EscapeSequence{"-A", false, Code::latin_1},
    EscapeSequence{"-B", false, Code::latin_2},     EscapeSequence{"-C", false, Code::latin_3},
    EscapeSequence{"-D", false, Code::latin_4},     EscapeSequence{"-M", false, Code::latin_5},
    EscapeSequence{"-b", false, Code::latin_9},     EscapeSequence{"-L", false, Code::cyrillic},
    EscapeSequence{"-G", false, Code::arabic},      EscapeSequence{"-F", false, Code::greek},
    EscapeSequence{"-H", false, Code::hebrew},      EscapeSequence{"-T", false, Code::thai},
};

// In the order of Code. Empty where no conversion by iconv is wanted.
constexpr std::array<const char*, 21> kIconvNames = {
    "",
    "",
    "",
    "EUC-JP",
    "EUC-JP",
    "EUC-KR",
    "GB2312",
    "",
    "ISO-8859-2",
    "ISO-8859-3",
    "ISO-8859-4",
    "ISO-8859-9",
    "ISO-8859-15",
    "ISO-8859-5",
    "ISO-8859-6",
    "ISO-8859-7",
    "ISO-8859-8",
    "ISO-8859-11",
    "",
    "GB18030",
    "GBK",
};

// Opening a conversion costs far more than using it; each thread keeps those that it has used.
class Conversions {
 public:
  ~Conversions() {
    for (const iconv_t conversion : conversions_) {
      if (conversion != nullptr && conversion != kNone) iconv_close(conversion);
    }
  }
  // Null when this system has none.
  iconv_t get(Code code) {
    iconv_t& conversion = conversions_[static_cast<size_t>(code)];
    if (conversion == nullptr) {
      conversion = iconv_open("UTF-8", kIconvNames[static_cast<size_t>(code)]);
    }
    if (conversion == kNone) return nullptr;
    iconv(conversion, nullptr, nullptr, nullptr, nullptr);
    return conversion;
  }

 private:
  static inline const iconv_t kNone = reinterpret_cast<iconv_t>(-1);
  std::array<iconv_t, kIconvNames.size()> conversions_{};
};

void append_by_iconv(Code code, std::string bytes, std::string& to) {
  thread_local Conversions conversions;
  const iconv_t conversion = conversions.get(code);
  char* from = bytes.data();
  size_t left = bytes.size();
  while (left > 0) {
    std::array<char, 1024> buffer;
    char* out = buffer.data();
    size_t room = buffer.size();
    const size_t result = conversion == nullptr ? static_cast<size_t>(-1)
                                                : iconv(conversion, &from, &left, &out, &room);
    const int error = conversion == nullptr ? EILSEQ : errno;
    to.append(buffer.data(), static_cast<size_t>(out - buffer.data()));
    if (result != static_cast<size_t>(-1) || error == E2BIG) continue;
    to += kReplacement;
    if (error == EINVAL) return;  // the last character is cut off
    ++from;
    --left;
  }
}

void append_code_point(uint32_t code_point, std::string& to) {
  if (code_point < 0x80) {
    to += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    to += static_cast<char>(0xC0 | code_point >> 6);
    to += static_cast<char>(0x80 | (code_point & 0x3F));
  } else {
    to += static_cast<char>(0xE0 | code_point >> 12);
    to += static_cast<char>(0x80 | (code_point >> 6 & 0x3F));
    to += static_cast<char>(0x80 | (code_point & 0x3F));
  }
}

// One character a byte; 0 for a byte that is none.
uint32_t single_byte_character(Code code, unsigned char byte) {
  switch (code) {
    case Code::romaji:
      if (byte == 0x5C) return 0xA5;
      if (byte == 0x7E) return 0x203E;
      return byte < 0x80 ? byte : 0;
    case Code::katakana:
      return byte >= 0xA1 && byte <= 0xDF ? 0xFF61 + (byte - 0xA1U) : 0;
    case Code::latin_1:
      return byte;
    default:
      return byte < 0x80 ? byte : 0;
  }
}

// The two bytes of a G0 set as EUC-JP has them in G1 (or behind SS3 in G3).
std::string as_euc_jp(Code code, std::string_view bytes) {
  std::string result;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (code == Code::kanji_extra && i % 2 == 0) result += '\x8F';
    result += static_cast<char>(static_cast<unsigned char>(bytes[i]) | 0x80U);
  }
  return result;
}

}  // namespace

std::span<const CharacterSetTerm> character_set_terms() { return kTerms; }

std::optional<size_t> find_character_set_term(std::string_view text) {
  std::string key;
  for (const char letter : text) {
    if (letter == ' ' || letter == '_' || letter == '-' || letter == '\0') continue;
    key += letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  for (size_t i = 0; i < kTerms.size(); ++i) {
    if (kTerms[i].key == key) return i;
  }
  return std::nullopt;
}

const EscapeSequence* find_escape_sequence(std::string_view text) {
  for (const EscapeSequence& sequence : kEscapeSequences) {
    if (text.starts_with(sequence.bytes)) return &sequence;
  }
  return nullptr;
}

void append_utf8(Code code, std::string_view bytes, std::string& to) {
  switch (code) {
    case Code::ascii:
    case Code::romaji:
    case Code::katakana:
    case Code::latin_1:
      for (const char byte : bytes) {
        const uint32_t character = single_byte_character(code, static_cast<unsigned char>(byte));
        if (character == 0 && byte != 0) {
          to += kReplacement;
        } else {
          append_code_point(character, to);
        }
      }
      return;
    case Code::kanji:
    case Code::kanji_extra:
      append_by_iconv(code, as_euc_jp(code, bytes), to);
      return;
    case Code::utf_8:
      to += replace_invalid_utf8(bytes);
      return;
    default:
      append_by_iconv(code, std::string(bytes), to);
      return;
  }
}

}  // namespace pacs::dicom
