#include "pixel/overlay.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "pixel/element_numbers.h"

namespace pacs::pixel {
namespace {

constexpr uint16_t kFirstOverlayGroup = 0x6000;
constexpr uint16_t kLastOverlayGroup = 0x601E;
constexpr double kOverlaySideMax = 65'535;
constexpr double kOverlayFramesMax = 1'000'000;

// Which frame of the overlay belongs to a frame of the image (PS3.3 C.9.3); one alone is for all.
std::optional<uint64_t> overlay_frame(dicom::DataSetView data_set, uint16_t group,
                                      size_t frame_index) {
  const double frames = find_number(data_set, {group, 0x0015}).value_or(1);
  if (!(frames > 1)) return 0;
  if (frames > kOverlayFramesMax) return std::nullopt;
  const double origin = find_number(data_set, {group, 0x0051}).value_or(1);
  const double frame = static_cast<double>(frame_index) + 1 - origin;
  if (!(frame >= 0 && frame < frames)) return std::nullopt;
  return static_cast<uint64_t>(frame);
}

bool read_origin(dicom::DataSetView data_set, uint16_t group, Overlay& overlay) {
  const auto element = data_set.find({group, 0x0050});
  if (!element) return true;  // at the first pixel
  const std::vector<double> origin = numbers_of(*element, 2);
  const auto is_near = [](double number) { return std::abs(number) <= kOverlaySideMax; };
  if (origin.size() != 2 || !std::all_of(origin.begin(), origin.end(), is_near)) return false;
  overlay.top = static_cast<int32_t>(origin[0]) - 1;
  overlay.left = static_cast<int32_t>(origin[1]) - 1;
  return true;
}

bool read_bits(dicom::DataSetView data_set, uint16_t group, uint64_t frame, Overlay& overlay) {
  const auto data = data_set.find({group, 0x3000});
  if (!data) {
    const double position = find_number(data_set, {group, 0x0102}).value_or(0);
    overlay.is_embedded = true;
    overlay.bit_position = static_cast<unsigned>(std::clamp(position, 0.0, 31.0));
    return true;
  }
  const uint64_t size = uint64_t{overlay.rows} * overlay.columns;
  overlay.first_bit = frame * size;
  if (!data->is_in_memory() || data->value().size() < (overlay.first_bit + size + 7) / 8) {
    return false;
  }
  overlay.bits.assign(data->value().begin(), data->value().end());
  return true;
}

std::optional<Overlay> read_overlay(dicom::DataSetView data_set, uint16_t group,
                                    size_t frame_index) {
  const double rows = find_number(data_set, {group, 0x0010}).value_or(0);
  const double columns = find_number(data_set, {group, 0x0011}).value_or(0);
  if (!(rows >= 1 && rows <= kOverlaySideMax && columns >= 1 && columns <= kOverlaySideMax)) {
    return std::nullopt;
  }
  const auto frame = overlay_frame(data_set, group, frame_index);
  Overlay overlay;
  overlay.rows = static_cast<uint32_t>(rows);
  overlay.columns = static_cast<uint32_t>(columns);
  if (!frame || !read_origin(data_set, group, overlay) ||
      !read_bits(data_set, group, *frame, overlay)) {
    return std::nullopt;
  }
  return overlay;
}

bool is_set(Bytes bytes, uint64_t bit) {
  return (std::to_integer<unsigned>(bytes[bit / 8]) >> (bit % 8) & 1U) != 0;
}

bool has_unused_bit(const PixelFormat& format, unsigned position) {
  const unsigned low_bit = format.high_bit + 1U - format.bits_stored;
  return (format.bits_allocated == 8 || format.bits_allocated == 16) &&
         format.samples_per_pixel == 1 && position < format.bits_allocated &&
         (position > format.high_bit || position < low_bit);
}

}  // namespace

std::vector<Overlay> read_overlays(dicom::DataSetView data_set, size_t frame_index) {
  std::vector<Overlay> overlays;
  for (uint32_t group = kFirstOverlayGroup; group <= kLastOverlayGroup; group += 2) {
    if (auto overlay = read_overlay(data_set, static_cast<uint16_t>(group), frame_index)) {
      overlays.push_back(std::move(*overlay));
    }
  }
  return overlays;
}

void draw_overlay(const Overlay& overlay, const Frame& frame, Picture& picture) {
  if (overlay.is_embedded && !has_unused_bit(frame.format, overlay.bit_position)) return;
  for (uint32_t row = 0; row < overlay.rows; ++row) {
    const int64_t y = int64_t{overlay.top} + row;
    if (y < 0 || y >= picture.height) continue;
    for (uint32_t column = 0; column < overlay.columns; ++column) {
      const int64_t x = int64_t{overlay.left} + column;
      if (x < 0 || x >= picture.width) continue;
      const auto pixel = static_cast<uint64_t>(y) * picture.width + static_cast<uint64_t>(x);
      const bool is_drawn =
          overlay.is_embedded
              ? is_set(frame.bytes, pixel * frame.format.bits_allocated + overlay.bit_position)
              : is_set(overlay.bits, overlay.first_bit + uint64_t{row} * overlay.columns + column);
      if (!is_drawn) continue;
      const size_t at = pixel * picture.channels();
      std::fill_n(picture.samples.begin() + static_cast<std::ptrdiff_t>(at), picture.channels(),
                  uint8_t{0xFF});
    }
  }
}

}  // namespace pacs::pixel
