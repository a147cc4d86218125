#include "dicom/attribute_path.h"

#include "core/text.h"
#include "dicom/dictionary.h"

namespace pacs::dicom {
namespace {

constexpr uint16_t kFirstGroupOfDataSets = 0x0008;
constexpr uint16_t kGroupOfItems = 0xFFFE;

std::optional<Tag> parse_attribute(std::string_view text) {
  std::optional<Tag> tag = parse_tag(text);
  if (!tag) tag = find_tag_of_keyword(text);
  if (!tag || tag->group < kFirstGroupOfDataSets || tag->group == kGroupOfItems ||
      tag->is_group_length()) {
    return std::nullopt;
  }
  if (!tag->is_private() && find_dictionary_entry(*tag) == nullptr) return std::nullopt;
  return tag;
}

}  // namespace

Vr AttributePath::vr() const { return dictionary_vr(tags.back()); }

std::optional<AttributePath> parse_attribute_path(std::string_view text) {
  AttributePath path;
  for (const std::string_view part : split(text, '.')) {
    const bool is_inside = !path.tags.empty();
    if (path.tags.size() == AttributePath::kDepthMax) return std::nullopt;
    if (is_inside && !path.tags.back().is_private() && path.vr() != Vr::SQ) return std::nullopt;
    const auto tag = parse_attribute(part);
    if (!tag) return std::nullopt;
    path.tags.push_back(*tag);
  }
  return path;
}

std::string to_string(const AttributePath& path) {
  std::string text;
  for (const Tag tag : path.tags) {
    if (!text.empty()) text += '.';
    text += to_string(tag);
  }
  return text;
}

}  // namespace pacs::dicom
