#include "pixel/functional_groups.h"

namespace pacs::pixel {
namespace {

constexpr dicom::Tag kSharedFunctionalGroups{0x5200, 0x9229};
constexpr dicom::Tag kPerFrameFunctionalGroups{0x5200, 0x9230};

std::optional<dicom::DataSetView> find_item(dicom::DataSetView data_set, dicom::Tag sequence,
                                            size_t index) {
  const auto element = data_set.find(sequence);
  if (!element || !element->is_sequence() || index >= element->item_count()) return std::nullopt;
  return element->item(index);
}

}  // namespace

std::optional<dicom::DataSetView> find_first_item(dicom::DataSetView data_set,
                                                  dicom::Tag sequence) {
  return find_item(data_set, sequence, 0);
}

std::optional<dicom::DataSetView> find_functional_group(dicom::DataSetView data_set,
                                                        size_t frame_index,
                                                        dicom::Tag macro_sequence) {
  if (const auto frame = find_item(data_set, kPerFrameFunctionalGroups, frame_index)) {
    if (auto macro = find_first_item(*frame, macro_sequence)) return macro;
  }
  const auto shared = find_first_item(data_set, kSharedFunctionalGroups);
  return shared ? find_first_item(*shared, macro_sequence) : std::nullopt;
}

}  // namespace pacs::pixel
