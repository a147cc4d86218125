#include "pixel/colour.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "dicom/little_endian.h"

namespace pacs::pixel {
namespace {

enum class ColourSpace { rgb, ybr_full, ybr_partial };

Error no_such_colour(std::string_view detail) { return unsupported("photometric", detail); }

uint8_t clamped(double value) {
  return static_cast<uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

Result<ColourSpace> colour_space_of(std::string_view photometric) {
  if (photometric == "RGB") return ColourSpace::rgb;
  // The irreversible transform of JPEG 2000 has the equations of YBR_FULL (C.7.6.3.1.2).
  if (photometric == "YBR_FULL" || photometric == "YBR_FULL_422" || photometric == "YBR_ICT") {
    return ColourSpace::ybr_full;
  }
  if (photometric == "YBR_PARTIAL_422") return ColourSpace::ybr_partial;
  return no_such_colour("the colour space of the image is not one that can be shown");
}

// One sample as 8 bits, wherever it stands in the frame.
class EightBitSamples {
 public:
  explicit EightBitSamples(const Frame& frame)
      : bytes_(frame.bytes),
        is_wide_(frame.format.bits_allocated == 16),
        low_bit_(frame.format.high_bit + 1U - frame.format.bits_stored),
        bits_(frame.format.bits_stored),
        mask_((1U << bits_) - 1),
        // Signed samples are moved to begin with zero.
        flip_(frame.format.is_signed ? 1U << (bits_ - 1) : 0) {}

  [[nodiscard]] uint8_t at(size_t index) const {
    const uint32_t word = is_wide_ ? dicom::load_little_endian<uint16_t>(bytes_.data() + index * 2)
                                   : std::to_integer<uint32_t>(bytes_[index]);
    const uint32_t value = ((word >> low_bit_) & mask_) ^ flip_;
    return static_cast<uint8_t>(bits_ >= 8 ? value >> (bits_ - 8) : value * 255 / mask_);
  }

 private:
  const Bytes bytes_;
  const bool is_wide_;
  const unsigned low_bit_;
  const unsigned bits_;
  const uint32_t mask_;
  const uint32_t flip_;
};

// Two luminances, then the chrominances of both (C.7.6.3.1.2); a row of odd length ends with a
// pair.
void spread_422(const EightBitSamples& samples, Picture& picture) {
  const size_t pairs = (size_t{picture.width} + 1) / 2;
  for (size_t row = 0; row < picture.height; ++row) {
    for (size_t column = 0; column < picture.width; ++column) {
      const size_t pair = (row * pairs + column / 2) * 4;
      uint8_t* pixel = picture.samples.data() + (row * picture.width + column) * 3;
      pixel[0] = samples.at(pair + column % 2);
      pixel[1] = samples.at(pair + 2);
      pixel[2] = samples.at(pair + 3);
    }
  }
}

void spread(const EightBitSamples& samples, bool is_planar, Picture& picture) {
  const size_t pixels = picture.pixels();
  for (size_t pixel = 0; pixel < pixels; ++pixel) {
    for (size_t sample = 0; sample < 3; ++sample) {
      picture.samples[pixel * 3 + sample] =
          samples.at(is_planar ? sample * pixels + pixel : pixel * 3 + sample);
    }
  }
}

void to_rgb(ColourSpace space, Picture& picture) {
  if (space == ColourSpace::rgb) return;
  const auto convert = space == ColourSpace::ybr_full ? rgb_of_ybr_full : rgb_of_ybr_partial;
  for (size_t at = 0; at < picture.samples.size(); at += 3) {
    uint8_t* pixel = picture.samples.data() + at;
    const auto rgb = convert({pixel[0], pixel[1], pixel[2]});
    std::copy(rgb.begin(), rgb.end(), pixel);
  }
}

}  // namespace

std::array<uint8_t, 3> rgb_of_ybr_full(std::array<uint8_t, 3> ybr) {
  const double y = ybr[0];
  const double cb = ybr[1] - 128.0;
  const double cr = ybr[2] - 128.0;
  return {clamped(y + 1.402 * cr), clamped(y - 0.344136 * cb - 0.714136 * cr),
          clamped(y + 1.772 * cb)};
}

std::array<uint8_t, 3> rgb_of_ybr_partial(std::array<uint8_t, 3> ybr) {
  const double y = 1.164384 * (ybr[0] - 16.0);
  const double cb = ybr[1] - 128.0;
  const double cr = ybr[2] - 128.0;
  return {clamped(y + 1.596027 * cr), clamped(y - 0.391762 * cb - 0.812968 * cr),
          clamped(y + 2.017232 * cb)};
}

Result<Picture> render_colour(const Frame& frame) {
  const PixelFormat& format = frame.format;
  const ColourSpace space = PACS_TRY(colour_space_of(format.photometric_interpretation));
  if (format.samples_per_pixel != 3 ||
      (format.bits_allocated != 8 && format.bits_allocated != 16)) {
    return no_such_colour("colours of so many samples or bits cannot be shown");
  }
  Picture picture = blank_picture(format.columns, format.rows, Picture::Colour::rgb);
  const EightBitSamples samples(frame);
  if (format.photometric_interpretation == "YBR_FULL_422" ||
      format.photometric_interpretation == "YBR_PARTIAL_422") {
    spread_422(samples, picture);
  } else {
    spread(samples, format.is_planar, picture);
  }
  to_rgb(space, picture);
  return picture;
}

}  // namespace pacs::pixel
