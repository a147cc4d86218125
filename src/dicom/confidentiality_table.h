// Table E.1-1 of PS3.15: what the Basic Application Level Confidentiality Profile does with which
// attribute.
#pragma once

#include <cstdint>
#include <optional>

#include "dicom/tag.h"

namespace pacs::dicom {

enum class ConfidentialityAction : uint8_t {
  remove,  // X
  empty,   // Z: a value of length zero
  dummy,   // D: some other value of the same VR
  uid,     // U: another UID, the same for the same
  items,   // U*: the items stay, with other UIDs in them
};

// Nothing for an attribute that the table does not name. Curves, overlays and private attributes,
// which it names by their groups, are not here.
[[nodiscard]] std::optional<ConfidentialityAction> find_confidentiality_action(Tag tag);

}  // namespace pacs::dicom
