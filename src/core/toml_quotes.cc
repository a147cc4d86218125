#include "core/toml_quotes.h"

#include <algorithm>

namespace pacs {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr size_t kNone = std::string_view::npos;
constexpr size_t kQuotesAtEndMax = 2;  // a string of several lines may end in two of its quotes

bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {
    if (text.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }

  // Where the byte is that is looked for; kNone when there is none.
  size_t find() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (is_beyond_ascii(c)) return at_;
      if (c == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      if ((c != '"' && c != '\'') || !may_open(at_)) continue;
      const std::string_view triple = c == '"' ? "\"\"\"" : "'''";
      const bool is_good =
          text_.substr(at_).starts_with(triple) ? skip_lines(triple) : skip_line(c);
      if (!is_good) return found_;
    }
    return kNone;
  }

 private:
  // In the middle of a word a quote is no TOML, and toml++ goes on with the word.
  [[nodiscard]] bool may_open(size_t at) const {
    return at == 0 || std::string_view(" \t\r\n=[{,.").find(text_[at - 1]) != kNone;
  }

  // Both leave at_ on the last quote. False: stop, at found_ or because the text is no TOML.
  bool skip_line(char quote) {
    for (++at_; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
      if (text_[at_] == quote) return true;
      if (text_[at_] == '\\' && quote == '"') ++at_;
    }
    return false;
  }

  bool skip_lines(std::string_view triple) {
    for (at_ += triple.size(); at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\' && triple.front() == '"') {
        if (!skip_escape()) return false;
      } else if (text_.substr(at_).starts_with(triple)) {
        at_ += triple.size() - 1;
        for (size_t more = 0; more < kQuotesAtEndMax; ++more) {
          if (at_ + 1 < text_.size() && text_[at_ + 1] == triple.front()) ++at_;
        }
        return true;
      }
    }
    return false;
  }

  // From a backslash to the last character that it concerns.
  bool skip_escape() {
    const size_t end = std::min(text_.find_first_not_of(" \t\r\n", at_ + 1), text_.size());
    const bool is_line_end = text_.substr(at_, end - at_).find('\n') != kNone;
    if (is_line_end && end < text_.size() && is_beyond_ascii(text_[end])) {
      found_ = end;
      return false;
    }
    at_ = is_line_end ? end - 1 : at_ + 1;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t found_ = kNone;
};

}  // namespace

std::optional<int> find_unquoted_line(std::string_view toml) {
  const size_t at = Walk(toml).find();
  if (at == kNone) return std::nullopt;
  return 1 + static_cast<int>(
                 std::count(toml.begin(), toml.begin() + static_cast<ptrdiff_t>(at), '\n'));
}

}  // namespace pacs
