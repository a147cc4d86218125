// Matching of person names (PS3.4 C.2.2.2.1.1): without regard to case, width and accents, by
// component group; and the fuzzy one, by sound, of any part of a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pacs::dicom {

enum class NameMatching { literal, fuzzy };

class PersonNameMatch {
 public:
  // `question` may have wild cards. Of a question with "=" each group that is not empty is held
  // against the same group of the name (PS3.5 6.2.1); of one without, against any.
  //
  // A fuzzy one also matches when each of its words is the beginning of a word of the name, or
  // sounds like one (phonetic_code). Stars around a word say no more than that.
  PersonNameMatch(std::string_view question, NameMatching matching);

  [[nodiscard]] bool matches(std::string_view name) const;

 private:
  [[nodiscard]] bool matches_literally(const std::vector<std::string>& groups) const;
  [[nodiscard]] bool sounds_like(const std::vector<std::string>& groups) const;

  struct Word {
    std::string text;
    std::string code;
  };
  std::vector<std::string> groups_;
  std::vector<Word> words_;  // of a fuzzy question
};

// What an index keeps of a name, so that questions need not be held against all names.
enum class NameKeyKind {
  group = 1,  // a component group, folded
  word = 2,   // of any group
  sound = 3,  // phonetic_code of a word
};
struct NameKey {
  NameKeyKind kind = NameKeyKind::group;
  std::string text{};
  friend auto operator<=>(const NameKey&, const NameKey&) = default;
};
// Each once, in order.
[[nodiscard]] std::vector<NameKey> name_keys(std::string_view name);
// Of every name that matches the question, one key or more matches one of these, whose texts may
// have wild cards. None: any name may match.
[[nodiscard]] std::vector<NameKey> name_key_patterns(std::string_view question,
                                                     NameMatching matching);

// American Soundex (the four characters that the US National Archives describe) over the word
// without accents, with two changes: PH is read as F, and C, K and Q at the beginning are one
// letter. "Meyer", "Maier" and "Mayr" are M600. Empty for a word with other than Latin letters, and
// for one of less than three, which would sound like too many.
[[nodiscard]] std::string phonetic_code(std::string_view word);

}  // namespace pacs::dicom
