#include "core/object_key.h"

#include <utf8proc.h>

#include "core/assert.h"
#include "core/text.h"

namespace pacs {
namespace {

constexpr size_t kPartsPerKey = 5;
constexpr size_t kExtensionBytesMax = 16;  // a longer one is no extension but a name with dots

std::vector<std::string_view> split_path(std::string_view text) {
  std::vector<std::string_view> parts;
  size_t start = 0;
  while (true) {
    const size_t end = text.find('/', start);
    parts.push_back(text.substr(start, end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

bool is_safe_part(std::string_view part) {
  if (part.empty() || part.size() > ObjectKey::kPartSizeBytesMax || part[0] == '.') return false;
  for (const char c : part) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || c == '\\') return false;
  }
  return is_utf8(part);
}

bool must_be_replaced(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f ||
         std::string_view("/\\:*?\"<>|").find(c) != std::string_view::npos;
}

// Control characters beyond ASCII, ends of lines, and the formatting ones that nobody sees and that
// make "exe.mcd" read "dcm.exe" (U+202E). The two joiners stay: Persian and Indic names need them.
bool must_be_replaced(utf8proc_int32_t character) {
  constexpr utf8proc_int32_t kNonJoiner = 0x200c;
  constexpr utf8proc_int32_t kJoiner = 0x200d;
  if (character == kNonJoiner || character == kJoiner) return false;
  switch (utf8proc_category(character)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return true;
    default:
      return false;
  }
}

std::string with_safe_characters(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    utf8proc_int32_t character = 0;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const utf8proc_ssize_t size =
        utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &character);
    PACS_ASSERT(size > 0);  // to_nfc() has made it UTF-8
    const bool is_unsafe = size == 1 ? must_be_replaced(text.front()) : must_be_replaced(character);
    if (is_unsafe) {
      safe += '_';
    } else {
      safe += text.substr(0, static_cast<size_t>(size));
    }
    text.remove_prefix(static_cast<size_t>(size));
  }
  return safe;
}

// Cuts at a character's boundary, so that UTF-8 stays UTF-8.
std::string_view cut_utf8(std::string_view text, size_t size_bytes_max) {
  if (text.size() <= size_bytes_max) return text;
  size_t end = size_bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

std::optional<ObjectKey> ObjectKey::parse(std::string_view text) {
  if (text.size() > kSizeBytesMax) return std::nullopt;
  const std::vector<std::string_view> parts = split_path(text);
  if (parts.size() != kPartsPerKey || parts[0] != kRoot) return std::nullopt;
  for (const std::string_view part : parts) {
    if (!is_safe_part(part)) return std::nullopt;
  }
  return ObjectKey(std::string(text));
}

ObjectKey ObjectKey::make(std::string_view study_uid, std::string_view series_uid,
                          std::string_view image_uid, std::string_view filename) {
  std::string text(kRoot);
  for (const std::string_view part : {study_uid, series_uid, image_uid, filename}) {
    text.append("/").append(part);
  }
  const std::optional<ObjectKey> key = parse(text);
  PACS_ASSERT(key.has_value());
  return *key;
}

std::vector<std::string_view> ObjectKey::parts() const { return split_path(str()); }

std::string safe_filename(std::string_view filename) {
  std::string name = with_safe_characters(to_nfc(filename));
  name.erase(0, name.find_first_not_of('.'));
  if (name.size() <= ObjectKey::kFilenameBytesMax) return name;

  const size_t dot = name.rfind('.');
  const bool has_extension = dot != std::string::npos && name.size() - dot <= kExtensionBytesMax;
  const std::string extension = has_extension ? name.substr(dot) : std::string();
  const std::string_view stem = std::string_view(name).substr(0, name.size() - extension.size());
  return std::string(cut_utf8(stem, ObjectKey::kFilenameBytesMax - extension.size())) + extension;
}

}  // namespace pacs
