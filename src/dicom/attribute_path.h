// Which attribute a client means: by tag or keyword, or inside sequences by a path of these with
// dots (PS3.18 8.3.4.1): "00100010", "PatientName", "RequestAttributesSequence.00400007".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dicom/tag.h"
#include "dicom/vr.h"

namespace pacs::dicom {

struct AttributePath {
  static constexpr size_t kDepthMax = 8;  // the standard's own nest four deep

  std::vector<Tag> tags;  // 1 to kDepthMax; all but the last are sequences

  [[nodiscard]] Tag first() const { return tags.front(); }
  // Of the last; UN for a private one, which only a data set can tell.
  [[nodiscard]] Vr vr() const;
  friend bool operator==(const AttributePath&, const AttributePath&) = default;
};

// Nothing for what names no attribute of a data set: an unknown keyword, an even tag that the
// dictionary does not have, group 0002, a path through what is no sequence.
[[nodiscard]] std::optional<AttributePath> parse_attribute_path(std::string_view text);
// By tags.
[[nodiscard]] std::string to_string(const AttributePath& path);

}  // namespace pacs::dicom
