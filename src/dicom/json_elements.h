// Single elements out of a data set in the DICOM JSON Model (PS3.18 annex F), without a tree of all
// of it: a search looks at one or two of some hundred.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/json_value.h"
#include "dicom/tag.h"
#include "dicom/value_match.h"
#include "dicom/vr.h"

namespace pacs::dicom {

// Calls `visit` with each element of the outermost level, its JSON as it stands, until it returns
// false. `data_set` is what write_dicom_json() wrote; of anything else, what can be made out.
void for_each_json_element(std::string_view data_set,
                           const std::function<bool(Tag, std::string_view)>& visit);
[[nodiscard]] std::optional<std::string_view> find_json_element(std::string_view data_set, Tag tag);

// An element, {"vr":…,"Value":[…]}, as texts; none of a sequence and of what has no "Value". Bytes
// of UN that read as text are LO.
struct AttributeValues {
  Vr vr = Vr::UN;
  AttributeTexts texts{};
};
[[nodiscard]] AttributeValues values_of(const JsonValue& element);
// A tree of one element; nothing when it cannot be parsed.
[[nodiscard]] std::optional<JsonValue> parse_json_element(std::string_view json);

}  // namespace pacs::dicom
