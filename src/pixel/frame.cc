#include "pixel/frame.h"

#include <optional>

#include "dicom/image_description.h"
#include "dicom/little_endian.h"

namespace pacs::pixel {
namespace {

constexpr dicom::Tag kPlanarConfiguration{0x0028, 0x0006};
constexpr dicom::Tag kHighBit{0x0028, 0x0102};
// The most that a standard colour space has (CMYK of retired images).
constexpr uint32_t kSamplesPerPixelMax = 4;

std::optional<uint16_t> number_at(const dicom::Header& header, dicom::Tag tag) {
  const auto element = header.data_set.find(tag);
  if (!element || element->value().size() < sizeof(uint16_t)) return std::nullopt;
  return dicom::load_little_endian<uint16_t>(element->value().data());
}

Error no_such_format(std::string_view detail) { return unsupported("pixel_format", detail); }

// Bits Allocated as the element that holds the pixels says it, where the attribute is missing.
uint32_t bits_of_floats(dicom::Tag tag, std::optional<uint32_t> stated) {
  if (tag == dicom::tags::kFloatPixelData) return 32;
  if (tag == dicom::tags::kDoubleFloatPixelData) return 64;
  return stated.value_or(0);
}

bool can_be_allocated(uint32_t bits) {
  return bits == 1 || bits == 8 || bits == 16 || bits == 32 || bits == 64;
}

}  // namespace

uint64_t PixelFormat::frame_bytes() const {
  const uint64_t pixels = uint64_t{rows} * columns;
  if (photometric_interpretation == "YBR_FULL_422" && samples_per_pixel == 3) {
    // Two luminances and one pair of chrominances for each two pixels of a row.
    return uint64_t{rows} * ((columns + uint64_t{1}) / 2) * 4 * (bits_allocated / 8);
  }
  return (pixels * samples_per_pixel * bits_allocated + 7) / 8;
}

Result<PixelFormat> PixelFormat::of(const dicom::Header& header) {
  if (!header.pixel_data) return unsupported("no_pixels", "the instance has no pixel data");
  const dicom::ImageDescription image = dicom::describe(header);
  const dicom::Tag place = header.pixel_data->tag;
  PixelFormat format;
  format.is_floating = place != dicom::tags::kPixelData;
  format.rows = image.rows.value_or(0);
  format.columns = image.columns.value_or(0);
  if (format.rows == 0 || format.columns == 0 || format.rows > UINT16_MAX ||
      format.columns > UINT16_MAX) {
    return no_such_format("the image has no rows or no columns");
  }
  const uint32_t samples = image.samples_per_pixel.value_or(1);
  if (samples == 0 || samples > kSamplesPerPixelMax || (format.is_floating && samples != 1)) {
    return no_such_format("no image has so many samples a pixel");
  }
  const uint32_t allocated = bits_of_floats(place, image.bits_allocated);
  const uint32_t stored = format.is_floating ? allocated : image.bits_stored.value_or(allocated);
  if (!can_be_allocated(allocated) || (allocated == 1 && samples != 1) || stored == 0 ||
      stored > allocated) {
    return no_such_format("bits allocated and bits stored are those of no image");
  }
  format.samples_per_pixel = static_cast<uint16_t>(samples);
  format.bits_allocated = static_cast<uint16_t>(allocated);
  format.bits_stored = static_cast<uint16_t>(stored);
  const uint32_t high_bit = number_at(header, kHighBit).value_or(stored - 1);
  // What cannot be is read as everybody reads it: from the low end (PS3.5 8.1.1).
  const bool is_high_bit_possible = high_bit + 1 >= stored && high_bit < allocated;
  format.high_bit =
      static_cast<uint16_t>(is_high_bit_possible && !format.is_floating ? high_bit : stored - 1);
  format.is_signed =
      !format.is_floating && number_at(header, dicom::tags::kPixelRepresentation).value_or(0) == 1;
  format.is_planar = samples > 1 && number_at(header, kPlanarConfiguration).value_or(0) == 1;
  format.is_in_words = header.pixel_data->vr == dicom::Vr::OW;
  format.photometric_interpretation = image.photometric_interpretation;
  if (format.photometric_interpretation.empty()) {
    format.photometric_interpretation = samples == 3 ? "RGB" : "MONOCHROME2";
  }
  if (format.frame_bytes() > kFrameBytesMax) {
    return no_such_format("a frame of this image is larger than what is decoded");
  }
  return format;
}

}  // namespace pacs::pixel
