// GIF89a, with the LZW of its appendix F.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "pixel/picture_file.h"

namespace pacs::pixel {
namespace {

constexpr unsigned kCodeBitsMax = 12;
constexpr uint32_t kClearCode = 256;
constexpr uint32_t kEndCode = 257;
constexpr uint32_t kCodesMax = 1U << kCodeBitsMax;
// A colour has so many levels of each of its three parts: 216 of 256 places.
constexpr unsigned kColourLevels = 6;

// Codes of growing width, packed from the low end of each byte, in blocks of at most 255 bytes.
class GifCodes {
 public:
  explicit GifCodes(std::string& file) : file_(file) {}

  void put(uint32_t code, unsigned bits) {
    pending_ |= code << pending_bits_;
    pending_bits_ += bits;
    while (pending_bits_ >= 8) put_byte();
  }

  void finish() {
    while (pending_bits_ > 0) put_byte();
    end_block();
    file_ += '\0';
  }

 private:
  void put_byte() {
    block_ += static_cast<char>(pending_);
    pending_ >>= 8;
    pending_bits_ -= std::min(pending_bits_, 8U);
    if (block_.size() == 255) end_block();
  }

  void end_block() {
    if (block_.empty()) return;
    file_ += static_cast<char>(block_.size());
    file_ += block_;
    block_.clear();
  }

  std::string& file_;
  std::string block_;
  uint32_t pending_ = 0;
  unsigned pending_bits_ = 0;
};

// The strings known so far: for each code and byte, the code of the string that is that byte
// longer.
class GifStrings {
 public:
  GifStrings() : longer_(size_t{kCodesMax} * 256) {}

  // 0: there is none.
  [[nodiscard]] uint32_t find(uint32_t code, uint8_t byte) const {
    return longer_[code << 8 | byte];
  }
  void add(uint32_t code, uint8_t byte, uint32_t longer) {
    longer_[code << 8 | byte] = static_cast<uint16_t>(longer);
    used_.push_back(code << 8 | byte);
  }
  void clear() {
    for (const uint32_t at : used_) longer_[at] = 0;
    used_.clear();
  }

 private:
  std::vector<uint16_t> longer_;
  std::vector<uint32_t> used_;
};

void append_lzw(std::string& file, const std::vector<uint8_t>& pixels) {
  file += '\x08';  // bits of a pixel
  GifCodes codes(file);
  GifStrings strings;
  unsigned bits = 9;
  uint32_t next_code = kEndCode + 1;
  codes.put(kClearCode, bits);
  uint32_t prefix = pixels.front();
  for (size_t i = 1; i < pixels.size(); ++i) {
    const uint8_t pixel = pixels[i];
    if (const uint32_t longer = strings.find(prefix, pixel); longer != 0) {
      prefix = longer;
      continue;
    }
    codes.put(prefix, bits);
    if (next_code == kCodesMax) {
      codes.put(kClearCode, bits);
      strings.clear();
      bits = 9;
      next_code = kEndCode + 1;
    } else {
      // A reader learns a code one step later than it is made: only then a wider one is written.
      if (next_code == 1U << bits) ++bits;
      strings.add(prefix, pixel, next_code++);
    }
    prefix = pixel;
  }
  codes.put(prefix, bits);
  if (next_code == 1U << bits && bits < kCodeBitsMax) ++bits;
  codes.put(kEndCode, bits);
  codes.finish();
}

uint8_t luminance(const uint8_t* rgb) {
  return static_cast<uint8_t>((299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000);
}

uint8_t nearest_level(uint8_t sample) {
  return static_cast<uint8_t>((sample * (kColourLevels - 1) + 127) / 255);
}

uint8_t colour_index(const uint8_t* rgb) {
  return static_cast<uint8_t>((nearest_level(rgb[0]) * kColourLevels + nearest_level(rgb[1])) *
                                  kColourLevels +
                              nearest_level(rgb[2]));
}

void append_palette(std::string& file, GifWriter::Palette palette) {
  for (unsigned i = 0; i < 256; ++i) {
    if (palette == GifWriter::Palette::grey) {
      file.append(3, static_cast<char>(i));
      continue;
    }
    const unsigned level = 255 / (kColourLevels - 1);
    file += static_cast<char>(i / (kColourLevels * kColourLevels) % kColourLevels * level);
    file += static_cast<char>(i / kColourLevels % kColourLevels * level);
    file += static_cast<char>(i % kColourLevels * level);
  }
}

}  // namespace

GifWriter::GifWriter(uint32_t width, uint32_t height, Palette palette, uint32_t delay_ms)
    : palette_(palette),
      width_(width),
      height_(height),
      delay_hundredths_(std::min((delay_ms + 5) / 10, 65'535U)),
      file_("GIF89a") {
  append_u16(width);
  append_u16(height);
  file_ += "\xF7";  // a palette of 256 colours of 8 bits
  file_.append(2, '\0');
  append_palette(file_, palette);
  // For ever again, as every browser has it.
  if (delay_ms > 0) file_.append("\x21\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00", 19);
}

void GifWriter::append_u16(uint32_t number) {
  file_ += static_cast<char>(number);
  file_ += static_cast<char>(number >> 8);
}

void GifWriter::add(const Picture& picture) {
  file_.append("\x21\xF9\x04\x00", 4);
  append_u16(delay_hundredths_);
  file_.append("\x00\x00\x2C\x00\x00\x00\x00", 7);
  append_u16(width_);
  append_u16(height_);
  file_ += '\0';
  std::vector<uint8_t> pixels(picture.pixels());
  const bool is_grey = picture.colour == Picture::Colour::grey;
  for (size_t i = 0; i < pixels.size(); ++i) {
    const uint8_t grey = is_grey ? picture.samples[i] : 0;
    const std::array<uint8_t, 3> greys = {grey, grey, grey};
    const uint8_t* rgb = is_grey ? greys.data() : picture.samples.data() + i * 3;
    pixels[i] = palette_ == Palette::grey ? luminance(rgb) : colour_index(rgb);
  }
  append_lzw(file_, pixels);
}

std::string GifWriter::finish() {
  file_ += '\x3B';
  return std::move(file_);
}

}  // namespace pacs::pixel
