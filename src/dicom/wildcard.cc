#include "dicom/wildcard.h"

namespace pacs::dicom {
namespace {

// Bytes that continue a character of UTF-8 are 10xxxxxx.
size_t end_of_character(std::string_view text, size_t place) {
  ++place;
  while (place < text.size() && (static_cast<unsigned char>(text[place]) & 0xC0U) == 0x80U) ++place;
  return place;
}

}  // namespace

bool has_wildcard(std::string_view pattern) {
  return pattern.find_first_of("*?") != std::string_view::npos;
}

bool matches_wildcard(std::string_view pattern, std::string_view text) {
  size_t at = 0;
  size_t place = 0;
  // Where to go on when what follows the last star does not fit: that star takes one more.
  size_t star = std::string_view::npos;
  size_t star_place = 0;
  while (place < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      star_place = place;
    } else if (at < pattern.size() && pattern[at] == '?') {
      ++at;
      place = end_of_character(text, place);
    } else if (at < pattern.size() && pattern[at] == text[place]) {
      ++at;
      ++place;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      star_place = end_of_character(text, star_place);
      place = star_place;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace pacs::dicom
