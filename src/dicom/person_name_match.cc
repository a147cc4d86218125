#include "dicom/person_name_match.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/text.h"
#include "dicom/wildcard.h"

namespace pacs::dicom {
namespace {

constexpr size_t kPhoneticCodeSize = 4;
constexpr size_t kPhoneticWordMin = 3;

// Folded, without the delimiters and spaces at the end that say nothing (PS3.5 6.2.1).
std::vector<std::string> groups_of(std::string_view name) {
  const std::string folded = fold_case_and_accents(name);
  std::vector<std::string> groups;
  for (std::string_view group : split(folded, '=')) {
    const size_t end = group.find_last_not_of("^ ");
    group = trim(group.substr(0, end == std::string_view::npos ? 0 : end + 1));
    groups.emplace_back(group);
  }
  return groups;
}

std::vector<std::string_view> words_of(std::string_view group) {
  std::vector<std::string_view> words;
  size_t start = 0;
  while (true) {
    start = group.find_first_not_of("^ ,.-", start);
    if (start == std::string_view::npos) return words;
    const size_t end = group.find_first_of("^ ,.-", start);
    words.push_back(group.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) return words;
    start = end;
  }
}

std::string_view without_stars_around(std::string_view word) {
  const size_t start = word.find_first_not_of('*');
  if (start == std::string_view::npos) return {};
  return word.substr(start, word.find_last_not_of('*') - start + 1);
}

// Vowels and Y part equal sounds ('0'), H and W do not ('-').
char sound_of(char letter) {
  constexpr std::string_view kSounds = "01230120022455012623010202";  // of a to z
  if (letter == 'h' || letter == 'w') return '-';
  return kSounds[static_cast<size_t>(letter - 'a')];
}

std::string replace_ph(std::string_view word) {
  std::string result;
  for (size_t i = 0; i < word.size(); ++i) {
    const bool is_ph = word.substr(i).starts_with("ph");
    result += is_ph ? 'f' : word[i];
    if (is_ph) ++i;
  }
  return result;
}

}  // namespace

std::string phonetic_code(std::string_view word) {
  const std::string letters = replace_ph(fold_case_and_accents(word));
  const bool is_latin =
      std::all_of(letters.begin(), letters.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (!is_latin || letters.size() < kPhoneticWordMin) return {};
  const char first = letters[0] == 'c' || letters[0] == 'q' ? 'k' : letters[0];
  std::string code(1, static_cast<char>(first - 'a' + 'A'));
  char last = sound_of(first);
  for (const char letter : std::string_view(letters).substr(1)) {
    const char sound = sound_of(letter);
    if (sound == '-') continue;
    if (sound != '0' && sound != last) code += sound;
    last = sound;
    if (code.size() == kPhoneticCodeSize) break;
  }
  code.resize(kPhoneticCodeSize, '0');
  return code;
}

std::vector<NameKey> name_keys(std::string_view name) {
  std::set<NameKey> keys;
  for (const std::string& group : groups_of(name)) {
    if (!group.empty()) keys.insert({NameKeyKind::group, group});
    for (const std::string_view word : words_of(group)) {
      keys.insert({NameKeyKind::word, std::string(word)});
      std::string code = phonetic_code(word);
      if (!code.empty()) keys.insert({NameKeyKind::sound, std::move(code)});
    }
  }
  return {keys.begin(), keys.end()};
}

std::vector<NameKey> name_key_patterns(std::string_view question, NameMatching matching) {
  // The longest says most; one that an empty group matches says nothing.
  std::string longest_group;
  std::string longest_word;
  for (const std::string& group : groups_of(question)) {
    if (group.size() > longest_group.size() && !matches_wildcard(group, "")) longest_group = group;
    for (std::string_view word : words_of(group)) {
      word = without_stars_around(word);
      if (word.size() > longest_word.size()) longest_word = word;
    }
  }
  if (longest_group.empty()) return {};
  std::vector<NameKey> patterns = {{NameKeyKind::group, longest_group}};
  if (matching == NameMatching::literal || longest_word.empty()) return patterns;
  std::string code = phonetic_code(longest_word);
  if (!code.empty()) patterns.push_back({NameKeyKind::sound, std::move(code)});
  patterns.push_back({NameKeyKind::word, longest_word + '*'});
  return patterns;
}

PersonNameMatch::PersonNameMatch(std::string_view question, NameMatching matching)
    : groups_(groups_of(question)) {
  if (matching == NameMatching::literal) return;
  for (const std::string& group : groups_) {
    for (std::string_view word : words_of(group)) {
      word = without_stars_around(word);
      if (!word.empty()) words_.push_back({std::string(word), phonetic_code(word)});
    }
  }
}

bool PersonNameMatch::matches(std::string_view name) const {
  const std::vector<std::string> groups = groups_of(name);
  return matches_literally(groups) || sounds_like(groups);
}

bool PersonNameMatch::matches_literally(const std::vector<std::string>& groups) const {
  if (groups_.size() == 1) {
    return std::any_of(groups.begin(), groups.end(), [&](const std::string& group) {
      return matches_wildcard(groups_[0], group);
    });
  }
  for (size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].empty()) continue;
    if (!matches_wildcard(groups_[i], i < groups.size() ? groups[i] : "")) return false;
  }
  return true;
}

bool PersonNameMatch::sounds_like(const std::vector<std::string>& groups) const {
  if (words_.empty()) return false;
  std::vector<std::string_view> names;
  for (const std::string& group : groups) {
    for (const std::string_view word : words_of(group)) names.push_back(word);
  }
  return std::all_of(words_.begin(), words_.end(), [&](const Word& word) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
      return matches_wildcard(word.text + '*', name) ||
             (!word.code.empty() && phonetic_code(name) == word.code);
    });
  });
}

}  // namespace pacs::dicom
