// The items of a presentation state, and which of them are for a frame.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "dicom/data_set.h"

namespace pacs::pixel {

// Empty where it is absent or not in memory.
[[nodiscard]] std::string_view state_text(dicom::DataSetView data_set, dicom::Tag tag);
// At most the first `count_max`; none where one of them is not finite.
[[nodiscard]] std::vector<double> state_numbers(dicom::DataSetView data_set, dicom::Tag tag,
                                                size_t count_max);
// From 0, of an item that refers to an image; empty: all of them.
[[nodiscard]] std::vector<size_t> referenced_frames(dicom::DataSetView reference);
// One without references is for all.
[[nodiscard]] bool is_item_for(dicom::DataSetView item, std::string_view image_uid,
                               size_t frame_index);

template <typename Visit>
void for_each_item(dicom::DataSetView data_set, dicom::Tag sequence, const Visit& visit) {
  const auto element = data_set.find(sequence);
  if (!element || !element->is_sequence()) return;
  for (const dicom::DataSetView item : element->items()) visit(item);
}

}  // namespace pacs::pixel
