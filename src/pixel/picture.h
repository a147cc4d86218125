// What rendering yields: a picture that any screen shows.
#pragma once

#include <cstdint>
#include <vector>

namespace pacs::pixel {

// A larger picture is not made: 100 megapixels are three times the largest radiograph.
inline constexpr uint64_t kPicturePixelsMax = uint64_t{100} << 20;

struct Picture {
  enum class Colour : uint8_t { grey = 1, rgb = 3 };

  uint32_t width = 0;
  uint32_t height = 0;
  Colour colour = Colour::grey;
  std::vector<uint8_t>
      samples;  // rows from the top, pixels from the left, R G B of a pixel together

  [[nodiscard]] size_t channels() const { return static_cast<size_t>(colour); }
  [[nodiscard]] size_t pixels() const { return size_t{width} * height; }
};

// A black one.
[[nodiscard]] inline Picture blank_picture(uint32_t width, uint32_t height,
                                           Picture::Colour colour = Picture::Colour::grey) {
  Picture picture{width, height, colour, {}};
  picture.samples.resize(picture.pixels() * picture.channels());
  return picture;
}

}  // namespace pacs::pixel
