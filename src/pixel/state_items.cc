#include "pixel/state_items.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "pixel/element_numbers.h"

namespace pacs::pixel {
namespace {

constexpr dicom::Tag kItemReferences{0x0008, 0x1140};
constexpr dicom::Tag kReferencedImageUid{0x0008, 0x1155};
constexpr dicom::Tag kReferencedFrames{0x0008, 0x1160};
constexpr size_t kReferencedFramesMax = 10'000;

bool names_frame(dicom::DataSetView reference, std::string_view image_uid, size_t frame_index) {
  if (state_text(reference, kReferencedImageUid) != image_uid) return false;
  const std::vector<size_t> frames = referenced_frames(reference);
  return frames.empty() || std::find(frames.begin(), frames.end(), frame_index) != frames.end();
}

}  // namespace

std::string_view state_text(dicom::DataSetView data_set, dicom::Tag tag) {
  const auto element = data_set.find(tag);
  return element && element->is_in_memory() ? element->text() : std::string_view();
}

std::vector<double> state_numbers(dicom::DataSetView data_set, dicom::Tag tag, size_t count_max) {
  const auto element = data_set.find(tag);
  std::vector<double> numbers = element ? numbers_of(*element, count_max) : std::vector<double>();
  const bool is_whole = std::all_of(numbers.begin(), numbers.end(),
                                    [](double number) { return std::isfinite(number); });
  return is_whole ? numbers : std::vector<double>();
}

std::vector<size_t> referenced_frames(dicom::DataSetView reference) {
  std::vector<size_t> frames;
  for (const double number : state_numbers(reference, kReferencedFrames, kReferencedFramesMax)) {
    if (number >= 1 && number <= UINT32_MAX) frames.push_back(static_cast<size_t>(number) - 1);
  }
  return frames;
}

bool is_item_for(dicom::DataSetView item, std::string_view image_uid, size_t frame_index) {
  bool is_for_it = !item.find(kItemReferences);
  for_each_item(item, kItemReferences, [&](dicom::DataSetView reference) {
    is_for_it = is_for_it || names_frame(reference, image_uid, frame_index);
  });
  return is_for_it;
}

}  // namespace pacs::pixel
