#include "dicom/picture_info.h"

#include <array>
#include <string_view>

#include "dicom/exif_orientation.h"

namespace pacs::dicom {
namespace {

// Exactly as many bytes as asked for.
template <size_t kSize>
Result<std::array<unsigned char, kSize>> read_exactly(const RandomAccess& file, uint64_t offset) {
  std::array<unsigned char, kSize> bytes{};
  if (PACS_TRY(file.read_at(offset, std::as_writable_bytes(std::span(bytes)))) != kSize) {
    return invalid_argument("truncated", "The picture ends before its size is told.");
  }
  return bytes;
}

Error malformed_picture(const char* detail) { return invalid_argument("malformed", detail); }

Result<PictureInfo> checked(PictureInfo info) {
  if (info.width == 0 || info.height == 0 || info.width > kPictureSideMax ||
      info.height > kPictureSideMax) {
    return malformed_picture("The picture has a side of 0 or of more than 65535 pixels.");
  }
  if (info.components == 0 || info.bits == 0) {
    return malformed_picture("The picture has pixels without samples or samples without bits.");
  }
  return info;
}

// SOF0 to SOF15 without DHT, JPG and DAC (ITU-T T.81 table B.1).
bool is_frame_header(unsigned marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// How the transform of an Adobe segment (ITU-T T.872 6.5.3) names the colours of three components.
enum class AdobeColours { unsaid, rgb, ycc };

Result<AdobeColours> read_adobe_segment(const RandomAccess& file, uint64_t offset,
                                        unsigned length) {
  constexpr unsigned kAdobeLength = 14;
  if (length < kAdobeLength) return AdobeColours::unsaid;
  const auto segment = PACS_TRY(read_exactly<kAdobeLength - 2>(file, offset + 4));
  if (std::string_view(reinterpret_cast<const char*>(segment.data()), 5) != "Adobe") {
    return AdobeColours::unsaid;
  }
  return segment[11] == 0 ? AdobeColours::rgb : AdobeColours::ycc;
}

Result<void> read_jpeg_colours(const RandomAccess& file, uint64_t offset, AdobeColours adobe,
                               PictureInfo& info) {
  if (info.components != 3) return {};
  // Identifier, sampling factors and table of each component (ITU-T T.81 B.2.2).
  const auto parts = PACS_TRY(read_exactly<9>(file, offset));
  info.is_rgb = adobe == AdobeColours::rgb || (adobe == AdobeColours::unsaid && parts[0] == 'R' &&
                                               parts[3] == 'G' && parts[6] == 'B');
  return {};
}

Result<PictureInfo> read_jpeg(const RandomAccess& file) {
  uint64_t offset = 2;  // behind SOI
  AdobeColours adobe = AdobeColours::unsaid;
  uint8_t orientation = 1;
  for (size_t i = 0; i < kJpegSegmentCountMax; ++i) {
    const auto head = PACS_TRY(read_exactly<4>(file, offset));
    if (head[0] != 0xFF) return malformed_picture("The JPEG has no marker where one must be.");
    const unsigned marker = head[1];
    if (marker == 0xFF) {  // a fill byte
      ++offset;
      continue;
    }
    if (marker == 0xD9 || marker == 0xDA || marker == 0x00) {
      return malformed_picture("The JPEG has no frame header before its image data.");
    }
    if ((marker >= 0xD0 && marker <= 0xD8) || marker == 0x01) {  // without a length
      offset += 2;
      continue;
    }
    const unsigned length = unsigned{head[2]} << 8U | head[3];
    if (length < 2) return malformed_picture("The JPEG has a segment of impossible length.");
    if (is_frame_header(marker)) {
      const auto frame = PACS_TRY(read_exactly<6>(file, offset + 4));
      PictureInfo info;
      info.kind = MediaKind::jpeg;
      info.bits = frame[0];
      info.height = unsigned{frame[1]} << 8U | frame[2];
      info.width = unsigned{frame[3]} << 8U | frame[4];
      info.components = frame[5];
      info.jpeg_process = marker - 0xC0;
      info.orientation = orientation;
      PACS_TRY(read_jpeg_colours(file, offset + 10, adobe, info));
      return checked(info);
    }
    if (marker == 0xE1 && orientation == 1) {
      orientation = PACS_TRY(read_exif_orientation(file, offset + 4, length - 2));
    }
    if (marker == 0xEE) adobe = PACS_TRY(read_adobe_segment(file, offset, length));
    offset += 2 + uint64_t{length};
  }
  return malformed_picture("The JPEG has too many segments before its frame header.");
}

Result<PictureInfo> read_png(const RandomAccess& file) {
  const auto chunk = PACS_TRY(read_exactly<18>(file, 8));
  const auto number = [&](size_t at) {
    return uint32_t{chunk[at]} << 24U | uint32_t{chunk[at + 1]} << 16U |
           uint32_t{chunk[at + 2]} << 8U | uint32_t{chunk[at + 3]};
  };
  const std::string_view type(reinterpret_cast<const char*>(chunk.data()) + 4, 4);
  if (number(0) != 13 || type != "IHDR")
    return malformed_picture("The PNG does not start with IHDR.");
  PictureInfo info;
  info.kind = MediaKind::png;
  info.width = number(8);
  info.height = number(12);
  info.bits = chunk[16];
  switch (chunk[17]) {  // ISO/IEC 15948 table 11.1
    case 0:
      info.components = 1;
      break;
    case 2:
    case 3:
      info.components = 3;
      break;
    case 4:
      info.components = 2;
      break;
    case 6:
      info.components = 4;
      break;
    default:
      return malformed_picture("The PNG has an unknown colour type.");
  }
  return checked(info);
}

}  // namespace

Result<PictureInfo> read_picture_info(const RandomAccess& file) {
  std::array<std::byte, 8> start{};
  const size_t count = PACS_TRY(file.read_at(0, start));
  switch (sniff_media_kind(Bytes(start).first(count))) {
    case MediaKind::jpeg:
      return read_jpeg(file);
    case MediaKind::png:
      return read_png(file);
    default:
      return unsupported("not_a_picture", "The file is neither JPEG nor PNG.");
  }
}

}  // namespace pacs::dicom
