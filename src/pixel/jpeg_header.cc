#include "pixel/jpeg_header.h"

namespace pacs::pixel {
namespace {

constexpr uint32_t kStartOfImage = 0xD8;
constexpr uint32_t kStartOfScan = 0xDA;
constexpr uint32_t kEndOfImage = 0xD9;
constexpr uint32_t kStartOfJpegLsFrame = 0xF7;
constexpr uint32_t kJpegLsProcess = 55;

uint32_t byte_at(Bytes bytes, size_t at) { return static_cast<uint32_t>(bytes[at]); }
uint32_t word_at(Bytes bytes, size_t at) {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

// SOF0 to SOF15 without those that are DHT, JPG and DAC.
bool starts_frame(uint32_t marker) {
  return marker == kStartOfJpegLsFrame ||
         (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC);
}

bool has_no_segment(uint32_t marker) {
  return marker == 0x01 || (marker >= 0xD0 && marker <= kStartOfImage);
}

Result<void> read_frame_header(uint32_t marker, Bytes segment, JpegHeader& header) {
  if (segment.size() < 6) return broken_frame("a JPEG frame header is cut off");
  header.process = marker == kStartOfJpegLsFrame ? kJpegLsProcess : marker - 0xC0;
  header.picture.precision = byte_at(segment, 0);
  header.picture.rows = word_at(segment, 1);
  header.picture.columns = word_at(segment, 3);
  header.picture.components = byte_at(segment, 5);
  if (segment.size() < 6 + size_t{3} * header.picture.components) {
    return broken_frame("a JPEG frame header is cut off");
  }
  for (size_t i = 0; i < header.picture.components && i < header.component_ids.size(); ++i) {
    header.component_ids[i] = static_cast<uint8_t>(segment[6 + 3 * i]);
  }
  return {};
}

void read_application_data(uint32_t marker, Bytes segment, JpegHeader& header) {
  const std::string_view text = as_text(segment);
  if (marker == 0xE0 && text.starts_with("JFIF")) header.has_jfif = true;
  if (marker == 0xEE && text.starts_with("Adobe") && text.size() >= 12) {
    header.adobe_transform = static_cast<uint8_t>(segment[11]);
  }
}

}  // namespace

Result<JpegHeader> read_jpeg_header(Bytes stored) {
  if (stored.size() < 4 || word_at(stored, 0) != 0xFFD8) {
    return broken_frame("the frame does not begin as JPEG does");
  }
  JpegHeader header;
  bool has_frame = false;
  size_t at = 2;
  while (at + 2 <= stored.size()) {
    if (byte_at(stored, at) != 0xFF) return broken_frame("a JPEG marker is missing");
    const uint32_t marker = byte_at(stored, at + 1);
    if (marker == 0xFF) {  // fill bytes
      ++at;
      continue;
    }
    at += 2;
    if (has_no_segment(marker)) continue;
    if (marker == kEndOfImage) break;
    if (marker == kStartOfScan) {
      if (has_frame) return header;
      break;
    }
    if (at + 2 > stored.size()) break;
    const size_t length = word_at(stored, at);
    if (length < 2 || at + length > stored.size()) break;
    const Bytes segment = stored.subspan(at + 2, length - 2);
    if (starts_frame(marker)) {
      if (has_frame) return broken_frame("a JPEG stream has two frame headers");
      PACS_TRY(read_frame_header(marker, segment, header));
      has_frame = true;
    }
    read_application_data(marker, segment, header);
    at += length;
  }
  return broken_frame("the JPEG stream ends before its first scan");
}

}  // namespace pacs::pixel
