#include "dicom/tag.h"

#include <charconv>

namespace pacs::dicom {
namespace {

constexpr size_t kTagTextSize = 8;

}  // namespace

std::string to_string(Tag tag) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text(kTagTextSize, '0');
  uint32_t number = tag.number();
  for (size_t i = kTagTextSize; i-- > 0; number >>= 4) text[i] = kDigits[number & 0xF];
  return text;
}

std::optional<Tag> parse_tag(std::string_view text) {
  if (text.size() != kTagTextSize) return std::nullopt;
  uint32_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return Tag::from_number(number);
}

}  // namespace pacs::dicom
