#include "pixel/jpeg_2000_header.h"

#include "dicom/little_endian.h"

namespace pacs::pixel {
namespace {

constexpr uint32_t kSizeMarker = 0xFF51;
constexpr uint32_t kCapabilitiesMarker = 0xFF50;
constexpr uint32_t kStartOfCodestream = 0xFF4F;
constexpr uint32_t kStartOfTilePart = 0xFF90;
// Of whole slide images in one frame there are some hundreds.
constexpr uint64_t kTilesMax = 65535;
// Pcap's bit of part 15, counted from the high end (T.814 A.3).
constexpr uint32_t kHighThroughputPart = uint32_t{1} << 17;

uint32_t be_16(Bytes bytes, size_t at) {
  return dicom::load_u16(bytes.data() + at, std::endian::big);
}
uint32_t be_32(Bytes bytes, size_t at) {
  return dicom::load_u32(bytes.data() + at, std::endian::big);
}

// The contents of the first codestream box (T.800 annex I); nothing when there is none.
Bytes find_codestream(Bytes file) {
  constexpr size_t kBoxHeader = 8;
  size_t at = 0;
  while (file.size() - at >= kBoxHeader) {
    uint64_t length = be_32(file, at);
    const std::string_view type = as_text(file.subspan(at + 4, 4));
    size_t header = kBoxHeader;
    if (length == 1) {
      if (file.size() - at < kBoxHeader * 2) return {};
      length = uint64_t{be_32(file, at + 8)} << 32 | be_32(file, at + 12);
      header = kBoxHeader * 2;
    }
    if (length == 0) length = file.size() - at;
    if (length < header || length > file.size() - at) {
      // A codestream whose box promises more than there is: the codec says what is missing.
      return type == "jp2c" ? file.subspan(at + header) : Bytes{};
    }
    if (type == "jp2c") {
      return file.subspan(at + header, static_cast<size_t>(length) - header);
    }
    at += static_cast<size_t>(length);
  }
  return {};
}

Result<void> read_size_marker(Bytes segment, Jpeg2000Header& header) {
  constexpr size_t kFixedBytes = 36;
  if (segment.size() < kFixedBytes) return broken_frame("the JPEG 2000 header is cut off");
  const uint32_t width_end = be_32(segment, 2);
  const uint32_t height_end = be_32(segment, 6);
  const uint32_t left = be_32(segment, 10);
  const uint32_t top = be_32(segment, 14);
  const uint64_t tile_width = be_32(segment, 18);
  const uint64_t tile_height = be_32(segment, 22);
  const uint32_t components = be_16(segment, 34);
  if (width_end <= left || height_end <= top || tile_width == 0 || tile_height == 0 ||
      components == 0 || segment.size() < kFixedBytes + size_t{3} * components) {
    return broken_frame("the JPEG 2000 header describes no picture");
  }
  header.picture.columns = width_end - left;
  header.picture.rows = height_end - top;
  header.picture.components = components;
  const uint64_t tiles = ((header.picture.columns + tile_width - 1) / tile_width) *
                         ((header.picture.rows + tile_height - 1) / tile_height);
  if (tiles > kTilesMax) return broken_frame("the JPEG 2000 picture has too many tiles");
  for (size_t i = 0; i < components; ++i) {
    const auto depth = static_cast<uint32_t>(segment[kFixedBytes + 3 * i]);
    const auto step_across = static_cast<uint32_t>(segment[kFixedBytes + 3 * i + 1]);
    const auto step_down = static_cast<uint32_t>(segment[kFixedBytes + 3 * i + 2]);
    const uint32_t precision = (depth & 0x7FU) + 1;
    const bool is_signed = (depth & 0x80U) != 0;
    if (i == 0) {
      header.picture.precision = precision;
      header.picture.is_signed = is_signed;
    }
    if (precision != header.picture.precision || is_signed != header.picture.is_signed ||
        step_across == 0 || step_down == 0 || step_across > 4 || step_down > 4) {
      return broken_frame("the components of the JPEG 2000 picture do not fit together");
    }
  }
  return {};
}

}  // namespace

Result<Jpeg2000Header> read_jpeg_2000_header(Bytes stored) {
  Jpeg2000Header header;
  header.codestream = stored;
  if (stored.size() >= 12 && be_32(stored, 4) == 0x6A502020) {  // "jP  "
    header.codestream = find_codestream(stored);
  }
  const Bytes bytes = header.codestream;
  if (bytes.size() < 6 || be_16(bytes, 0) != kStartOfCodestream || be_16(bytes, 2) != kSizeMarker) {
    return broken_frame("the frame does not begin as JPEG 2000 does");
  }
  size_t at = 2;
  while (bytes.size() - at >= 4) {
    const uint32_t marker = be_16(bytes, at);
    if (marker == kStartOfTilePart) return header;
    const size_t length = be_16(bytes, at + 2);
    if (length < 2 || length > bytes.size() - at - 2) break;
    const Bytes segment = bytes.subspan(at + 4, length - 2);
    if (marker == kSizeMarker) {
      if (at != 2) return broken_frame("a JPEG 2000 stream has two headers");
      PACS_TRY(read_size_marker(segment, header));
    }
    if (marker == kCapabilitiesMarker && segment.size() >= 4) {
      header.is_high_throughput = (be_32(segment, 0) & kHighThroughputPart) != 0;
    }
    at += 2 + length;
  }
  return broken_frame("the JPEG 2000 stream ends before its first tile");
}

}  // namespace pacs::pixel
