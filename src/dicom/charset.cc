#include "dicom/charset.h"

#include <algorithm>
#include <optional>

#include "core/text.h"
#include "dicom/charset_table.h"

namespace pacs::dicom {
namespace {

constexpr char kEscape = '\x1B';
// (0008,0005) of more sets than are defined is hostile.
constexpr size_t kSetsMax = 16;

bool is_plain_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char byte) {
    return static_cast<unsigned char>(byte) < 0x80 && byte != kEscape;
  });
}

// Decodes a value with code extensions (PS3.5 6.1.2.5): runs of bytes of one code, between escape
// sequences and the characters that bring the first sets back.
class CodeExtensionDecoder {
 public:
  CodeExtensionDecoder(Code g0, std::optional<Code> g1, Vr vr)
      : first_g0_(g0), first_g1_(g1), g0_(g0), g1_(g1), vr_(vr) {}

  std::string decode(std::string_view text) {
    size_t at = 0;
    while (at < text.size()) {
      if (text[at] == kEscape) {
        at += take_escape(text.substr(at));
      } else {
        at += take_character(text.substr(at));
      }
    }
    flush();
    return std::move(decoded_);
  }

 private:
  size_t take_escape(std::string_view text) {
    const EscapeSequence* sequence = find_escape_sequence(text.substr(1));
    if (sequence == nullptr) {  // of no set that DICOM has: shown as what it is
      push(Code::utf_8, "\xEF\xBF\xBD");
      return 1;
    }
    (sequence->is_g0 ? g0_ : g1_.emplace()) = sequence->code;
    return 1 + sequence->bytes.size();
  }

  size_t take_character(std::string_view text) {
    const auto byte = static_cast<unsigned char>(text[0]);
    if (byte >= 0x80) return take_upper(text);
    const bool is_graphic = byte > 0x20 && byte < 0x7F;
    if ((g0_ == Code::kanji || g0_ == Code::kanji_extra) && is_graphic) {
      push(g0_, text.substr(0, 2));
      return std::min<size_t>(2, text.size());
    }
    if (is_delimiter(text[0])) {
      push(Code::ascii, text.substr(0, 1));
      g0_ = first_g0_;
      g1_ = first_g1_;
    } else {
      push(is_graphic ? g0_ : Code::ascii, text.substr(0, 1));
    }
    return 1;
  }

  size_t take_upper(std::string_view text) {
    const bool is_double = g1_ == Code::korean || g1_ == Code::chinese;
    const size_t size = std::min<size_t>(is_double ? 2 : 1, text.size());
    push(g1_.value_or(Code::ascii), text.substr(0, size));
    return size;
  }

  [[nodiscard]] bool is_delimiter(char letter) const {
    switch (letter) {
      case '\r':
      case '\n':
      case '\f':
      case '\t':
        return true;
      case '\\':
        return has_several_values(vr_);
      case '^':
      case '=':
        return vr_ == Vr::PN;
      default:
        return false;
    }
  }

  void push(Code code, std::string_view bytes) {
    if (code != run_code_) flush();
    run_code_ = code;
    run_ += bytes;
  }

  void flush() {
    append_utf8(run_code_, run_, decoded_);
    run_.clear();
  }

  Code first_g0_;
  std::optional<Code> first_g1_;
  Code g0_;
  std::optional<Code> g1_;
  Vr vr_;
  Code run_code_ = Code::ascii;
  std::string run_;
  std::string decoded_;
};

std::string decode_undeclared(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string decoded;
  append_utf8(Code::latin_1, text, decoded);
  return decoded;
}

}  // namespace

bool has_several_values(Vr vr) {
  return vr != Vr::LT && vr != Vr::ST && vr != Vr::UT && vr != Vr::UR;
}

std::string_view without_padding(std::string_view text, Vr vr) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  if (!has_several_values(vr) || vr == Vr::PN || vr == Vr::UC) return text;
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

CharacterSet CharacterSet::parse(std::string_view value) {
  CharacterSet set;
  for (const std::string_view term : split(value, '\\')) {
    if (set.sets_.size() == kSetsMax) break;
    if (const auto index = find_character_set_term(term)) {
      set.sets_.push_back(static_cast<unsigned char>(*index));
    } else if (set.sets_.empty()) {
      set.sets_.push_back(0);  // an empty first value is ISO-IR 6
    }
  }
  // ISO-IR 6 alone promises ASCII, which decides nothing about other bytes.
  set.is_declared_ = std::any_of(set.sets_.begin(), set.sets_.end(), [](unsigned char index) {
    const CharacterSetTerm& term = character_set_terms()[index];
    return term.g1.has_value() || term.whole.has_value() || term.key.ends_with("IR87") ||
           term.key.ends_with("IR159");
  });
  return set;
}

CharacterSet CharacterSet::of(DataSetView data_set, const CharacterSet& around) {
  const auto element = data_set.find(tags::kSpecificCharacterSet);
  return element ? parse(as_text(element->value())) : around;
}

bool CharacterSet::is_ascii(std::string_view text) const {
  if (!is_plain_ascii(text)) return false;
  return !is_declared_ || character_set_terms()[sets_.front()].g0 == Code::ascii;
}

std::string CharacterSet::to_utf8(std::string_view text, Vr vr) const {
  if (!is_declared_ || !is_encoded_text(vr)) return decode_undeclared(text);
  const auto terms = character_set_terms();
  const CharacterSetTerm& first = terms[sets_.front()];
  if (is_ascii(text)) return std::string(text);
  if (first.whole) {
    std::string decoded;
    append_utf8(*first.whole, text, decoded);
    return decoded;
  }
  std::optional<Code> g1 = first.g1;
  for (size_t i = 1; i < sets_.size() && !g1; ++i) g1 = terms[sets_[i]].g1;
  return CodeExtensionDecoder(first.g0, g1, vr).decode(text);
}

std::vector<std::string> CharacterSet::values_to_utf8(std::string_view text, Vr vr) const {
  const std::string decoded = to_utf8(text, vr);
  std::vector<std::string> values;
  if (!has_several_values(vr)) {
    values.emplace_back(without_padding(decoded, vr));
    return values;
  }
  for (const std::string_view value : split(decoded, '\\')) {
    values.emplace_back(without_padding(value, vr));
  }
  return values;
}

std::string without_trailing_delimiters(std::string_view person_name) {
  std::string name;
  for (std::string_view group : split(person_name, '=')) {
    while (!group.empty() && (group.back() == '^' || group.back() == ' ')) group.remove_suffix(1);
    name += group;
    name += '=';
  }
  while (!name.empty() && name.back() == '=') name.pop_back();
  return name;
}

}  // namespace pacs::dicom
