#include "pixel/softcopy_state.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "pixel/element_numbers.h"
#include "pixel/frame.h"
#include "pixel/functional_groups.h"
#include "pixel/state_items.h"
#include "pixel/viewport.h"

namespace pacs::pixel {
namespace {

using dicom::DataSetView;
using dicom::Tag;

constexpr std::string_view kGreyState = "1.2.840.10008.5.1.4.1.1.11.1";
constexpr std::string_view kColourState = "1.2.840.10008.5.1.4.1.1.11.2";

constexpr Tag kStateSeriesUid{0x0020, 0x000E};
constexpr Tag kReferencedSeries{0x0008, 0x1115};
constexpr Tag kReferencedImages{0x0008, 0x1140};
constexpr Tag kStateImageUid{0x0008, 0x1155};
constexpr Tag kShutterShape{0x0018, 0x1600};
constexpr Tag kShutterLeft{0x0018, 0x1602};
constexpr Tag kShutterRight{0x0018, 0x1604};
constexpr Tag kShutterUpper{0x0018, 0x1606};
constexpr Tag kShutterLower{0x0018, 0x1608};
constexpr Tag kShutterCenter{0x0018, 0x1610};
constexpr Tag kShutterRadius{0x0018, 0x1612};
constexpr Tag kShutterVertices{0x0018, 0x1620};
constexpr Tag kShutterValue{0x0018, 0x1622};
constexpr Tag kSoftcopyVoiLuts{0x0028, 0x3110};
constexpr Tag kStateLutDescriptor{0x0028, 0x3002};
constexpr Tag kStateLutData{0x0028, 0x3006};
constexpr Tag kDisplayedAreas{0x0070, 0x005A};
constexpr Tag kAreaTopLeft{0x0070, 0x0052};
constexpr Tag kAreaBottomRight{0x0070, 0x0053};
constexpr Tag kImageFlip{0x0070, 0x0041};
constexpr Tag kImageRotation{0x0070, 0x0042};
constexpr Tag kPresentationLuts{0x2050, 0x0010};

constexpr size_t kVerticesMax = 1'000;
constexpr double kAreaEdgeMax = 1 << 24;
constexpr uint64_t kAreaSideMax = 65'535;

// The item of the sequence that is for this frame: one without references is for all.
std::optional<DataSetView> find_item_for(DataSetView state, Tag sequence,
                                         std::string_view image_uid, size_t frame_index) {
  std::optional<DataSetView> found;
  for_each_item(state, sequence, [&](DataSetView item) {
    if (!found && is_item_for(item, image_uid, frame_index)) found = item;
  });
  return found;
}

// All values that the stored ones can become, for what has no VOI LUT.
Window whole_range(const Presentation& presentation, const PixelFormat& format) {
  if (presentation.modality_table) {
    return window_between(0, presentation.modality_table->largest());
  }
  const double count = std::ldexp(1.0, format.bits_stored);
  const double low = format.is_signed ? -count / 2 : 0;
  const double first = presentation.modality_value(low);
  const double last = presentation.modality_value(low + count - 1);
  return window_between(std::min(first, last), std::max(first, last));
}

DisplayShutter read_shutter(DataSetView state) {
  DisplayShutter shutter;
  const auto shapes = state.find(kShutterShape);
  const std::string text = shapes ? std::string(state_text(state, kShutterShape)) : std::string();
  const auto has_shape = [&](std::string_view shape) {
    return text.find(shape) != std::string::npos;
  };
  const auto number = [&](Tag tag) { return find_number(state, tag); };
  if (has_shape("RECTANGULAR") && number(kShutterLeft) && number(kShutterRight) &&
      number(kShutterUpper) && number(kShutterLower)) {
    shutter.rectangle = {*number(kShutterLeft), *number(kShutterRight), *number(kShutterUpper),
                         *number(kShutterLower)};
  }
  const std::vector<double> center = state_numbers(state, kShutterCenter, 2);
  if (has_shape("CIRCULAR") && center.size() == 2 && number(kShutterRadius)) {
    shutter.circle = {center[0], center[1], *number(kShutterRadius)};
  }
  if (has_shape("POLYGONAL")) {
    const std::vector<double> numbers = state_numbers(state, kShutterVertices, kVerticesMax * 2);
    for (size_t i = 0; i + 1 < numbers.size() && numbers.size() >= 6; i += 2) {
      shutter.polygon.emplace_back(numbers[i], numbers[i + 1]);
    }
  }
  const double value = number(kShutterValue).value_or(0);
  shutter.grey = static_cast<uint8_t>(std::clamp(value, 0.0, 65'535.0) / 65'535 * 255 + 0.5);
  return shutter;
}

std::optional<SoftcopyState::DisplayedArea> read_area(DataSetView state, std::string_view image_uid,
                                                      size_t frame_index) {
  const auto item = find_item_for(state, kDisplayedAreas, image_uid, frame_index);
  if (!item) return std::nullopt;
  std::vector<double> corners = state_numbers(*item, kAreaTopLeft, 2);
  const std::vector<double> others = state_numbers(*item, kAreaBottomRight, 2);
  corners.insert(corners.end(), others.begin(), others.end());
  if (corners.size() != 4) return std::nullopt;
  for (const double edge : corners) {
    if (std::abs(edge) > kAreaEdgeMax) return std::nullopt;
  }
  // The corners are those of what is shown: of a picture that is turned, any two of the image's.
  const auto [left, right] = std::minmax(corners[0], corners[2]);
  const auto [top, bottom] = std::minmax(corners[1], corners[3]);
  return SoftcopyState::DisplayedArea{static_cast<int32_t>(left), static_cast<int32_t>(top),
                                      static_cast<int32_t>(right), static_cast<int32_t>(bottom)};
}

// Where a row crosses the edges of the polygon, in order.
std::vector<double> crossings(const std::vector<DisplayShutter::Vertex>& polygon, double row) {
  std::vector<double> columns;
  for (size_t i = 0; i < polygon.size(); ++i) {
    const auto& [row_a, column_a] = polygon[i];
    const auto& [row_b, column_b] = polygon[(i + 1) % polygon.size()];
    if ((row_a <= row) == (row_b <= row)) continue;
    columns.push_back(column_a + (row - row_a) / (row_b - row_a) * (column_b - column_a));
  }
  std::sort(columns.begin(), columns.end());
  return columns;
}

bool is_between(const std::vector<double>& columns, double column) {
  const auto behind = std::upper_bound(columns.begin(), columns.end(), column);
  return (behind - columns.begin()) % 2 == 1;
}

void close_shutter(const DisplayShutter& shutter, Picture& picture) {
  if (!shutter.rectangle && !shutter.circle && shutter.polygon.empty()) return;
  for (uint32_t y = 0; y < picture.height; ++y) {
    const double row = y + 1.0;
    const std::vector<double> edges = crossings(shutter.polygon, row);
    for (uint32_t x = 0; x < picture.width; ++x) {
      const double column = x + 1.0;
      bool is_open = true;
      if (const auto& box = shutter.rectangle) {
        is_open =
            column >= box->left && column <= box->right && row >= box->upper && row <= box->lower;
      }
      if (const auto& circle = shutter.circle; circle && is_open) {
        is_open = std::hypot(row - circle->row, column - circle->column) <= circle->radius;
      }
      if (!shutter.polygon.empty() && is_open) is_open = is_between(edges, column);
      if (is_open) continue;
      const size_t at = (size_t{y} * picture.width + x) * picture.channels();
      std::fill_n(picture.samples.begin() + static_cast<ptrdiff_t>(at), picture.channels(),
                  shutter.grey);
    }
  }
}

Result<Picture> cut_area(const SoftcopyState::DisplayedArea& area, const Picture& picture) {
  const auto width = static_cast<uint64_t>(int64_t{area.right} - area.left + 1);
  const auto height = static_cast<uint64_t>(int64_t{area.bottom} - area.top + 1);
  if (width > kAreaSideMax || height > kAreaSideMax || width * height > kPicturePixelsMax) {
    return unsupported("pixel_format", "the displayed area has more pixels than a picture may");
  }
  Picture cut =
      blank_picture(static_cast<uint32_t>(width), static_cast<uint32_t>(height), picture.colour);
  const size_t channels = picture.channels();
  const int64_t first = std::max<int64_t>(area.left, 1);
  const int64_t last = std::min<int64_t>(area.right, picture.width);
  if (first > last) return cut;
  for (int64_t y = std::max<int64_t>(area.top, 1);
       y <= std::min<int64_t>(area.bottom, picture.height); ++y) {
    const auto from = static_cast<size_t>((y - 1) * picture.width + first - 1) * channels;
    const auto to =
        static_cast<size_t>((y - area.top) * static_cast<int64_t>(width) + first - area.left) *
        channels;
    std::copy_n(picture.samples.begin() + static_cast<ptrdiff_t>(from),
                static_cast<size_t>(last - first + 1) * channels,
                cut.samples.begin() + static_cast<ptrdiff_t>(to));
  }
  return cut;
}

// The Exif orientation (dicom/exif_orientation.h) that turns clockwise and then flips.
constexpr uint8_t kTurned[4] = {1, 6, 3, 8};
constexpr uint8_t kTurnedAndFlipped[4] = {2, 5, 4, 7};

}  // namespace

bool is_softcopy_state(std::string_view sop_class_uid) {
  return sop_class_uid == kGreyState || sop_class_uid == kColourState;
}

std::vector<StateReference> references_of(DataSetView state) {
  std::vector<StateReference> references;
  for_each_item(state, kReferencedSeries, [&](DataSetView series) {
    for_each_item(series, kReferencedImages, [&](DataSetView image) {
      if (references.size() >= kStateReferencesMax) return;
      references.push_back({std::string(state_text(series, kStateSeriesUid)),
                            std::string(state_text(image, kStateImageUid)),
                            referenced_frames(image)});
    });
  });
  return references;
}

Result<SoftcopyState> SoftcopyState::of(DataSetView state, const dicom::Header& image,
                                        size_t frame_index) {
  const std::string image_uid(state_text(image.data_set.root(), dicom::tags::kSopInstanceUid));
  const std::vector<StateReference> references = references_of(state);
  const bool is_referenced =
      std::any_of(references.begin(), references.end(), [&](const StateReference& reference) {
        const auto& frames = reference.frames;
        return reference.image_uid == image_uid &&
               (frames.empty() ||
                std::find(frames.begin(), frames.end(), frame_index) != frames.end());
      });
  if (!is_referenced) {
    return not_found("not_referenced", "the presentation state says nothing of this frame");
  }
  const PixelFormat format = PACS_TRY(PixelFormat::of(image));
  SoftcopyState shown;
  shown.presentation = PACS_TRY(Presentation::of(image, frame_index));
  shown.presentation.overlays.clear();
  if (state_text(state, dicom::tags::kSopClassUid) == kGreyState) {
    if (format.samples_per_pixel > 1 || shown.presentation.palette) {
      return unsupported("photometric", "a grayscale presentation state is for grey images");
    }
    shown.presentation.take_luts_of(
        state, find_item_for(state, kSoftcopyVoiLuts, image_uid, frame_index), format);
    if (!shown.presentation.window && !shown.presentation.voi_table) {
      shown.presentation.window = whole_range(shown.presentation, format);
    }
    if (const auto item = find_first_item(state, kPresentationLuts)) {
      shown.presentation.presentation_table =
          LookUpTable::read(*item, kStateLutDescriptor, kStateLutData, FirstMapped::is_unsigned);
    }
  }
  shown.shutter = read_shutter(state);
  shown.graphics = StateGraphics::read(state, image_uid, frame_index);
  shown.area = read_area(state, image_uid, frame_index);
  const double rotation = find_number(state, kImageRotation).value_or(0);
  if (rotation == 90 || rotation == 180 || rotation == 270) {
    shown.quarter_turns = static_cast<unsigned>(rotation / 90);
  }
  shown.is_flipped = state_text(state, kImageFlip) == "Y";
  return shown;
}

Result<Picture> SoftcopyState::arrange(Picture picture) const {
  close_shutter(shutter, picture);
  const DisplayedArea whole{1, 1, static_cast<int32_t>(picture.width),
                            static_cast<int32_t>(picture.height)};
  if (area) picture = PACS_TRY(cut_area(*area, picture));
  picture = turned_upright(std::move(picture),
                           is_flipped ? kTurnedAndFlipped[quarter_turns] : kTurned[quarter_turns]);
  graphics.draw([&](GraphicPoint point) { return place_of(point, area.value_or(whole), picture); },
                picture);
  return picture;
}

GraphicPoint SoftcopyState::place_of(GraphicPoint point, const DisplayedArea& shown,
                                     const Picture& arranged) const {
  double x = point.x - (shown.left - 1);
  double y = point.y - (shown.top - 1);
  const bool is_on_its_side = quarter_turns % 2 == 1;
  double width = is_on_its_side ? arranged.height : arranged.width;
  double height = is_on_its_side ? arranged.width : arranged.height;
  for (unsigned i = 0; i < quarter_turns; ++i) {
    std::tie(x, y) = std::pair(height - y, x);
    std::swap(width, height);
  }
  return {is_flipped ? width - x : x, y};
}

}  // namespace pacs::pixel
