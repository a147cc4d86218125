#include <array>
#include <string>

#include "core/bytes.h"
#include "pixel/frame_encoder.h"
#include "tests/fuzz/seeds.h"

namespace pacs::fuzz {
namespace {

using pixel::Frame;
using pixel::PixelFormat;

PixelFormat small_picture(uint16_t samples, uint16_t allocated, uint16_t stored) {
  PixelFormat format;
  format.rows = 9;
  format.columns = 12;
  format.samples_per_pixel = samples;
  format.bits_allocated = allocated;
  format.bits_stored = stored;
  format.high_bit = static_cast<uint16_t>(stored - 1);
  format.photometric_interpretation = samples == 3 ? "RGB" : "MONOCHROME2";
  return format;
}

Frame slope(const PixelFormat& format) {
  Frame frame{format, ByteVector(static_cast<size_t>(format.frame_bytes()))};
  const size_t step = format.bits_allocated / 8;
  for (size_t i = 0; i < frame.bytes.size(); i += step) {
    frame.bytes[i] = static_cast<std::byte>(i * 7 / step);
    if (step == 2) frame.bytes[i + 1] = static_cast<std::byte>(i % 16);
  }
  return frame;
}

}  // namespace

// One frame of each codec and depth.
void add_frame_seeds(Seeds& seeds) {
  constexpr std::string_view kRoot = "1.2.840.10008.1.2";
  constexpr std::array<std::string_view, 12> kSyntaxes = {".1",     ".5",     ".4.50",  ".4.70",
                                                          ".4.80",  ".4.81",  ".4.90",  ".4.91",
                                                          ".4.201", ".4.202", ".4.203", ".2"};
  const std::array<PixelFormat, 3> formats = {small_picture(1, 8, 8), small_picture(1, 16, 12),
                                              small_picture(3, 8, 8)};
  for (const std::string_view syntax : kSyntaxes) {
    for (const PixelFormat& format : formats) {
      const bool is_big_endian = syntax == ".2";
      const auto encoded = pixel::encode_frame(
          std::string(kRoot) + std::string(is_big_endian ? ".1" : syntax), slope(format));
      if (!encoded) continue;
      const std::string depth =
          std::to_string(format.samples_per_pixel) + " " + std::to_string(format.bits_allocated);
      const std::string head = std::string(syntax) + " 9 12 " + depth + " " +
                               std::to_string(format.bits_stored) + " 0 " +
                               encoded->format.photometric_interpretation + "\n";
      std::string name = std::string(syntax.substr(1)) + "_" + depth;
      for (char& letter : name) letter = letter == '.' || letter == ' ' ? '_' : letter;
      seeds.push_back({"frame", name, head + std::string(as_text(encoded->bytes))});
    }
  }
}

}  // namespace pacs::fuzz
