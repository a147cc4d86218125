#include "access/printable.h"

#include <algorithm>

#include "core/text.h"

namespace pacs::access {
namespace {

bool has_control_characters(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    // U+0080 to U+009F are 0xC2 0x80 to 0xC2 0x9F.
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool is_printable_name(std::string_view text, size_t size_bytes_max) {
  return text.size() <= size_bytes_max && !trim(text).empty() && is_utf8(text) &&
         !has_control_characters(text);
}

}  // namespace pacs::access
