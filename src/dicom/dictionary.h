// The data dictionary (PS3.6 and PS3.7, and the private elements that DCMTK knows): a table that
// the build makes from DCMTK's, read-only and therefore free of locks.
#pragma once

#include <optional>
#include <string_view>

#include "dicom/tag.h"
#include "dicom/vr.h"

namespace pacs::dicom {

struct DictionaryEntry {
  Tag tag;  // of a repeating group, its first: (6000,3000)
  Vr vr = Vr::UN;
  // For US or SS, OB or OW, and the like, `vr` is what an implicit data set is read as; this is
  // true where the standard leaves the choice to the rest of the data set.
  bool vr_depends = false;
  std::string_view keyword;
};

// Null for private and unknown tags. Group lengths are UL in any group.
[[nodiscard]] const DictionaryEntry* find_dictionary_entry(Tag tag);

// The tag of a keyword (PS3.6), in any case; of a repeating group, its first. Nothing for a keyword
// that nobody knows.
[[nodiscard]] std::optional<Tag> find_tag_of_keyword(std::string_view keyword);

// The VR for a standard tag, UN for an unknown one.
[[nodiscard]] Vr dictionary_vr(Tag tag);

// The same for a data set that does not say its VRs: US or SS is settled by whether Pixel
// Representation says that the pixels are signed.
[[nodiscard]] Vr implicit_vr(Tag tag, bool pixels_are_signed);

// The VR of a private element by the creator of its block (PS3.5 7.8.1), UN when nobody knows it.
// `creator` without padding.
[[nodiscard]] Vr private_dictionary_vr(Tag tag, std::string_view creator);

}  // namespace pacs::dicom
