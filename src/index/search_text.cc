#include "index/search_text.h"

#include <algorithm>

#include "core/text.h"

namespace pacs::index {

std::string searchable(std::string_view text) {
  std::string result;
  for (const char c : fold_case(text)) {
    const bool separates =
        static_cast<unsigned char>(c) <= ' ' || c == '^' || c == '=' || c == ',' || c == '\x7f';
    if (!separates) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

std::vector<std::string> search_words(std::string_view question) {
  const std::string folded = searchable(question);
  std::vector<std::string> words;
  for (const std::string_view word : split(folded, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  return words;
}

bool is_indexed_word(std::string_view word) {
  constexpr std::ptrdiff_t kIndexedWordMin = 3;
  // Bytes that continue a character of UTF-8 are 10xxxxxx.
  return std::count_if(word.begin(), word.end(), [](char c) {
           return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
         }) >= kIndexedWordMin;
}

std::string quoted_phrase(std::string_view word) {
  std::string phrase = "\"";
  for (const char c : word) {
    phrase += c;
    if (c == '"') phrase += c;
  }
  return phrase + '"';
}

}  // namespace pacs::index
