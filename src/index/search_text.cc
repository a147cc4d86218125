#include "index/search_text.h"

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

}  // namespace pacs::index
