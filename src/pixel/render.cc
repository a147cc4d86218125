#include "pixel/render.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "dicom/little_endian.h"
#include "pixel/colour.h"

namespace pacs::pixel {
namespace {

// From the least to the largest value of a frame.
struct ValueRange {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  [[nodiscard]] bool is_empty() const { return low > high; }
};

// From a value behind the Modality LUT to a grey of 8 bits.
class GreyScale {
 public:
  GreyScale(const Presentation& presentation, const std::optional<Window>& window)
      : presentation_(presentation),
        window_(window ? window : presentation.window),
        has_table_(!window_ && presentation.voi_table) {}

  [[nodiscard]] bool needs_range() const { return !window_ && !has_table_; }
  void set_range(const ValueRange& range) {
    window_ = range.is_empty() ? Window{} : window_between(range.low, range.high);
  }

  // Whether greys only ever grow, or only fall, with the stored value.
  [[nodiscard]] bool is_monotone() const {
    return !has_table_ && !presentation_.modality_table && !presentation_.presentation_table;
  }

  [[nodiscard]] uint8_t grey_of(double value) const {
    double grey =
        has_table_
            ? std::min(1.0, presentation_.voi_table->at(value) / presentation_.voi_table->largest())
            : window_->apply(value);
    if (const auto& table = presentation_.presentation_table) {
      const auto last = static_cast<double>(table->entries.size() - 1);
      grey = std::min(1.0, table->at(static_cast<double>(table->first_mapped) + grey * last) /
                               table->largest());
    }
    if (presentation_.is_inverted) grey = 1 - grey;
    return static_cast<uint8_t>(grey * 255 + 0.5);
  }

 private:
  const Presentation& presentation_;
  std::optional<Window> window_;
  const bool has_table_;
};

// The stored values of a frame of at most 16 bits: an index, which a table turns into anything.
class StoredIndexes {
 public:
  explicit StoredIndexes(const Frame& frame)
      : bytes_(frame.bytes),
        allocated_(frame.format.bits_allocated),
        low_bit_(frame.format.high_bit + 1U - frame.format.bits_stored),
        bits_(frame.format.bits_stored),
        mask_((uint32_t{1} << bits_) - 1),
        is_signed_(frame.format.is_signed),
        pixels_(size_t{frame.format.rows} * frame.format.columns) {}

  [[nodiscard]] size_t count() const { return size_t{mask_} + 1; }
  [[nodiscard]] int32_t value_of(size_t index) const {
    const auto value = static_cast<int32_t>(index);
    return is_signed_ && (value >> (bits_ - 1)) != 0 ? value - static_cast<int32_t>(count())
                                                     : value;
  }

  template <typename Visit>
  void for_each(const Visit& visit) const {
    const std::byte* const from = bytes_.data();
    const size_t pixels = pixels_;
    const unsigned low_bit = low_bit_;
    const uint32_t mask = mask_;
    if (allocated_ == 16) {
      for (size_t i = 0; i < pixels; ++i) {
        visit(i, (dicom::load_little_endian<uint16_t>(from + i * 2) >> low_bit) & mask);
      }
    } else if (allocated_ == 8) {
      for (size_t i = 0; i < pixels; ++i) {
        visit(i, (std::to_integer<uint32_t>(from[i]) >> low_bit) & mask);
      }
    } else {
      for (size_t i = 0; i < pixels; ++i) {
        visit(i, (std::to_integer<uint32_t>(from[i / 8]) >> (i % 8)) & 1U);
      }
    }
  }

 private:
  const Bytes bytes_;
  const unsigned allocated_;
  const unsigned low_bit_;
  const unsigned bits_;
  const uint32_t mask_;
  const bool is_signed_;
  const size_t pixels_;
};

bool is_padding(const Presentation& presentation, double stored) {
  return presentation.padding && stored >= presentation.padding->first &&
         stored <= presentation.padding->second;
}

ValueRange range_of(const StoredIndexes& indexes, const Presentation& presentation) {
  std::vector<uint8_t> is_used(indexes.count());
  indexes.for_each([&](size_t, uint32_t index) { is_used[index] = 1; });
  ValueRange range;
  for (size_t index = 0; index < is_used.size(); ++index) {
    const int32_t stored = indexes.value_of(index);
    if (is_used[index] == 0 || is_padding(presentation, stored)) continue;
    range.take(presentation.modality_value(stored));
  }
  return range;
}

// With fewer values each may as well be asked for.
constexpr size_t kHalvedFrom = 16'384;

// Between two values of one grey all have it: of the 65,536 values of 16 bits most lie beside the
// window.
template <typename GreyAt>
void fill_between(size_t first, size_t last, const GreyAt& grey_at, std::vector<uint8_t>& greys) {
  if (last - first < 2) return;
  if (greys[first] == greys[last]) {
    std::fill(greys.begin() + static_cast<ptrdiff_t>(first + 1),
              greys.begin() + static_cast<ptrdiff_t>(last), greys[first]);
    return;
  }
  const size_t middle = first + (last - first) / 2;
  greys[middle] = grey_at(middle);
  fill_between(first, middle, grey_at, greys);
  fill_between(middle, last, grey_at, greys);
}

// Of all stored values, by their indexes.
std::vector<uint8_t> greys_of(const StoredIndexes& indexes, const Presentation& presentation,
                              const GreyScale& scale) {
  const auto grey_at = [&](size_t index) {
    return scale.grey_of(presentation.modality_value(indexes.value_of(index)));
  };
  std::vector<uint8_t> greys(indexes.count());
  if (!scale.is_monotone() || greys.size() < kHalvedFrom) {
    for (size_t index = 0; index < greys.size(); ++index) greys[index] = grey_at(index);
    return greys;
  }
  // Of signed values the upper half of the indexes are those below zero.
  const size_t half = greys.size() / 2;
  for (const auto& [first, last] :
       {std::pair(size_t{0}, half - 1), std::pair(half, greys.size() - 1)}) {
    greys[first] = grey_at(first);
    greys[last] = grey_at(last);
    fill_between(first, last, grey_at, greys);
  }
  return greys;
}

// A table over all stored values: each pixel costs a look-up.
void render_by_table(const Frame& frame, const Presentation& presentation, GreyScale& scale,
                     Picture& picture) {
  const StoredIndexes indexes(frame);
  if (scale.needs_range()) {
    // One bit is black or white, also where a frame has one of them alone.
    ValueRange range{0, 1};
    if (indexes.count() > 2) range = range_of(indexes, presentation);
    scale.set_range(range);
  }
  const std::vector<uint8_t> greys = greys_of(indexes, presentation, scale);
  // Bytes may be anything's, also where these two lie: each is looked up once.
  const uint8_t* const table = greys.data();
  uint8_t* const samples = picture.samples.data();
  indexes.for_each([=](size_t pixel, uint32_t index) { samples[pixel] = table[index]; });
}

// Values of 32 bits and floating ones.
double wide_value(const Frame& frame, size_t pixel) {
  const PixelFormat& format = frame.format;
  const std::byte* at = frame.bytes.data() + pixel * (format.bits_allocated / 8);
  if (format.is_floating) {
    return format.bits_allocated == 32 ? double{dicom::load_little_endian<float>(at)}
                                       : dicom::load_little_endian<double>(at);
  }
  // To the top, so that shifting back fills with the sign.
  const uint32_t word = dicom::load_little_endian<uint32_t>(at) << (31U - format.high_bit);
  const unsigned spare_bits = 32U - format.bits_stored;
  return format.is_signed ? double{static_cast<double>(static_cast<int32_t>(word) >> spare_bits)}
                          : static_cast<double>(word >> spare_bits);
}

void render_wide(const Frame& frame, const Presentation& presentation, GreyScale& scale,
                 Picture& picture) {
  const size_t pixels = picture.pixels();
  if (scale.needs_range()) {
    ValueRange range;
    for (size_t pixel = 0; pixel < pixels; ++pixel) {
      const double stored = wide_value(frame, pixel);
      if (!is_padding(presentation, stored)) range.take(presentation.modality_value(stored));
    }
    scale.set_range(range);
  }
  for (size_t pixel = 0; pixel < pixels; ++pixel) {
    picture.samples[pixel] = scale.grey_of(presentation.modality_value(wide_value(frame, pixel)));
  }
}

Picture render_grey(const Frame& frame, const Presentation& presentation,
                    const std::optional<Window>& window) {
  Picture picture = blank_picture(frame.format.columns, frame.format.rows);
  GreyScale scale(presentation, window);
  if (frame.format.bits_allocated <= 16) {
    render_by_table(frame, presentation, scale, picture);
  } else {
    render_wide(frame, presentation, scale, picture);
  }
  return picture;
}

Picture render_palette(const Frame& frame, const Palette& palette) {
  Picture picture = blank_picture(frame.format.columns, frame.format.rows, Picture::Colour::rgb);
  const StoredIndexes indexes(frame);
  std::vector<std::array<uint8_t, 3>> colours(indexes.count());
  for (size_t index = 0; index < colours.size(); ++index) {
    colours[index] = palette.at(indexes.value_of(index));
  }
  indexes.for_each([&](size_t pixel, uint32_t index) {
    std::copy(colours[index].begin(), colours[index].end(), picture.samples.data() + pixel * 3);
  });
  return picture;
}

Result<void> check_frame(const Frame& frame) {
  const PixelFormat& format = frame.format;
  if (uint64_t{format.rows} * format.columns > kPicturePixelsMax) {
    return unsupported("pixel_format", "the image has more pixels than a picture may have");
  }
  if (format.bits_allocated == 64 && !format.is_floating) {
    return unsupported("pixel_format", "whole numbers of 64 bits cannot be shown");
  }
  if (frame.bytes.size() < format.frame_bytes()) {
    return invalid_argument("pixel_data", "the frame has fewer bytes than its format says");
  }
  return {};
}

Result<Picture> render_pixels(const Frame& frame, const Presentation& presentation,
                              const std::optional<Window>& window) {
  const PixelFormat& format = frame.format;
  if (format.samples_per_pixel > 1) return render_colour(frame);
  if (presentation.palette && format.photometric_interpretation == "PALETTE COLOR" &&
      format.bits_allocated <= 16) {
    return render_palette(frame, *presentation.palette);
  }
  return render_grey(frame, presentation, window);
}

}  // namespace

Result<Picture> render(const Frame& frame, const Presentation& presentation,
                       const std::optional<Window>& window) {
  PACS_TRY(check_frame(frame));
  Picture picture = PACS_TRY(render_pixels(frame, presentation, window));
  for (const Overlay& overlay : presentation.overlays) draw_overlay(overlay, frame, picture);
  return picture;
}

}  // namespace pacs::pixel
