#include "pixel/samples.h"

#include <algorithm>
#include <cstring>

#include "dicom/little_endian.h"

namespace pacs::pixel {
namespace {

int32_t extended(uint32_t value, uint32_t bits) {
  const uint32_t unused = 32 - std::clamp<uint32_t>(bits, 1, 32);
  return static_cast<int32_t>(value << unused) >> unused;
}

uint32_t masked(uint32_t value, uint32_t bits) {
  return bits >= 32 ? value : value & ((uint32_t{1} << bits) - 1);
}

uint16_t allocated_for(uint32_t bits) { return bits <= 8 ? 8 : bits <= 16 ? 16 : 32; }

}  // namespace

Error broken_frame(std::string_view detail) { return invalid_argument("pixel_data", detail); }

Result<PixelFormat> decoded_format(const PixelFormat& stated, const CodedPicture& coded) {
  if (coded.rows != stated.rows || coded.columns != stated.columns) {
    return broken_frame("the compressed frame has another size than the data set states");
  }
  if (coded.components != stated.samples_per_pixel) {
    return broken_frame("the compressed frame has another number of samples than stated");
  }
  if (coded.precision == 0 || coded.precision > 31 || stated.is_floating) {
    return broken_frame("the compressed frame has samples of a size that no image has");
  }
  PixelFormat format = stated;
  format.is_planar = false;
  format.is_in_words = false;
  if (coded.precision > stated.bits_allocated) {
    format.bits_stored = static_cast<uint16_t>(coded.precision);
    format.bits_allocated = allocated_for(coded.precision);
  }
  format.high_bit = static_cast<uint16_t>(format.bits_stored - 1);
  if (format.photometric_interpretation == "YBR_FULL_422") {
    format.photometric_interpretation = "YBR_FULL";
  }
  if (format.bits_allocated > 32 || format.frame_bytes() > kFrameBytesMax) {
    return broken_frame("the decoded frame is larger than what is decoded");
  }
  return format;
}

FrameWriter::FrameWriter(const PixelFormat& format, const CodedPicture& coded,
                         uint32_t sign_bit_at) {
  frame_.format = format;
  frame_.bytes.resize(static_cast<size_t>(format.frame_bytes()));
  if (format.is_signed && !coded.is_signed) sign_ = Sign::extend;
  if (!format.is_signed && coded.is_signed) sign_ = Sign::mask;
  bits_ = sign_ == Sign::extend ? sign_bit_at : coded.precision;
}

void FrameWriter::put(uint64_t index, int32_t value) {
  if (sign_ == Sign::extend) value = extended(static_cast<uint32_t>(value), bits_);
  if (sign_ == Sign::mask) {
    value = static_cast<int32_t>(masked(static_cast<uint32_t>(value), bits_));
  }
  const auto number = static_cast<uint32_t>(value);
  std::byte* const to = frame_.bytes.data();
  switch (frame_.format.bits_allocated) {
    case 1:
      if ((number & 1U) != 0) to[index / 8] |= std::byte{1} << (index % 8);
      return;
    case 8:
      to[index] = static_cast<std::byte>(number);
      return;
    case 16: {
      const auto half = static_cast<uint16_t>(number);
      std::memcpy(to + index * sizeof(half), &half, sizeof(half));
      return;
    }
    default:
      std::memcpy(to + index * sizeof(number), &number, sizeof(number));
  }
}

int32_t sample_at(const Frame& frame, uint64_t pixel, unsigned sample) {
  const PixelFormat& format = frame.format;
  const uint64_t pixels = uint64_t{format.rows} * format.columns;
  const uint64_t index =
      format.is_planar ? sample * pixels + pixel : pixel * format.samples_per_pixel + sample;
  const std::byte* const from = frame.bytes.data();
  uint32_t cell = 0;
  switch (format.bits_allocated) {
    case 1:
      return static_cast<int32_t>(from[index / 8] >> (index % 8) & std::byte{1});
    case 8:
      cell = static_cast<uint32_t>(from[index]);
      break;
    case 16:
      cell = dicom::load_little_endian<uint16_t>(from + index * sizeof(uint16_t));
      break;
    default:
      cell = dicom::load_little_endian<uint32_t>(from + index * sizeof(uint32_t));
  }
  cell >>= format.high_bit + 1U - format.bits_stored;
  return format.is_signed ? extended(cell, format.bits_stored)
                          : static_cast<int32_t>(masked(cell, format.bits_stored));
}

}  // namespace pacs::pixel
