#include "dicom/dictionary.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>
#include <unordered_map>

#include "core/text.h"

namespace pacs::dicom {
namespace {

// (6000-60FF,3000): groups from the entry's to the last one, even ones alone.
struct RepeatingEntry {
  uint16_t group_last;
  uint16_t element_last;
  DictionaryEntry entry;
};

// `element` is below 0x100 where the creator's block may stand anywhere, else the one place where
// the element can be.
struct PrivateEntry {
  std::string_view creator;
  uint16_t element;
  uint16_t group;
  uint16_t group_last;
  Vr vr;
};

#include "dicom_dictionary_tables.inc"

constexpr DictionaryEntry kGroupLength{{0, 0}, Vr::UL, false, "GenericGroupLength"};

const PrivateEntry* find_private_entry(std::string_view creator, uint16_t element, uint16_t group) {
  const auto key = std::tie(creator, element);
  const auto* entry = std::lower_bound(std::begin(kPrivateEntries), std::end(kPrivateEntries), key,
                                       [](const PrivateEntry& left, const auto& right) {
                                         return std::tie(left.creator, left.element) < right;
                                       });
  for (; entry != std::end(kPrivateEntries) && std::tie(entry->creator, entry->element) == key;
       ++entry) {
    if (entry->group <= group && group <= entry->group_last) return entry;
  }
  return nullptr;
}

using TagsByKeyword = std::unordered_map<std::string, Tag>;

// DCMTK marks the keywords of retired elements; the standard does not.
constexpr std::string_view kRetiredMark = "RETIRED_";

TagsByKeyword make_tags_by_keyword() {
  TagsByKeyword tags;
  TagsByKeyword retired;
  const auto add = [&](const DictionaryEntry& entry) {
    if (entry.keyword.starts_with(kRetiredMark)) {
      retired.emplace(to_lower(entry.keyword.substr(kRetiredMark.size())), entry.tag);
    } else {
      tags.emplace(to_lower(entry.keyword), entry.tag);
    }
  };
  for (const DictionaryEntry& entry : kEntries) add(entry);
  for (const RepeatingEntry& repeating : kRepeatingEntries) add(repeating.entry);
  tags.merge(retired);
  return tags;
}

// LUT descriptors stay US for signed pixels: their first value, a count, always is (PS3.3
// C.11.1.1).
bool is_lut_descriptor(Tag tag) {
  return tag == Tag{0x0028, 0x3002} ||
         (tag.group == 0x0028 && tag.element >= 0x1101 && tag.element <= 0x1104);
}

}  // namespace

const DictionaryEntry* find_dictionary_entry(Tag tag) {
  if (tag.is_private()) return nullptr;
  const auto* entry = std::lower_bound(
      std::begin(kEntries), std::end(kEntries), tag,
      [](const DictionaryEntry& left, const Tag& right) { return left.tag < right; });
  if (entry != std::end(kEntries) && entry->tag == tag) return entry;
  if (tag.is_group_length()) return &kGroupLength;
  for (const RepeatingEntry& repeating : kRepeatingEntries) {
    const Tag first = repeating.entry.tag;
    if (first.group <= tag.group && tag.group <= repeating.group_last &&
        first.element <= tag.element && tag.element <= repeating.element_last) {
      return &repeating.entry;
    }
  }
  return nullptr;
}

std::optional<Tag> find_tag_of_keyword(std::string_view keyword) {
  static const TagsByKeyword tags = make_tags_by_keyword();
  const auto found = tags.find(to_lower(keyword));
  if (found == tags.end()) return std::nullopt;
  return found->second;
}

Vr dictionary_vr(Tag tag) {
  const DictionaryEntry* entry = find_dictionary_entry(tag);
  return entry == nullptr ? Vr::UN : entry->vr;
}

Vr implicit_vr(Tag tag, bool pixels_are_signed) {
  const DictionaryEntry* entry = find_dictionary_entry(tag);
  if (entry == nullptr) return Vr::UN;
  const bool is_signed =
      entry->vr_depends && entry->vr == Vr::US && pixels_are_signed && !is_lut_descriptor(tag);
  return is_signed ? Vr::SS : entry->vr;
}

Vr private_dictionary_vr(Tag tag, std::string_view creator) {
  const auto in_block = static_cast<uint16_t>(tag.element & 0xFF);
  const PrivateEntry* entry = find_private_entry(creator, in_block, tag.group);
  if (entry == nullptr) entry = find_private_entry(creator, tag.element, tag.group);
  return entry == nullptr ? Vr::UN : entry->vr;
}

}  // namespace pacs::dicom
