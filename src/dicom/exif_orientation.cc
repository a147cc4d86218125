#include "dicom/exif_orientation.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <string_view>

#include "core/bytes.h"
#include "dicom/little_endian.h"

namespace pacs::dicom {
namespace {

constexpr std::string_view kExifBegin("Exif\0\0", 6);
constexpr size_t kTiffHeaderBytes = 8;
constexpr size_t kIfdEntryBytes = 12;
constexpr uint16_t kOrientationTag = 0x0112;
constexpr uint16_t kShortType = 3;
constexpr uint8_t kUpright = 1;
// The orientation stands among the first few attributes; a thumbnail behind them is not read.
constexpr uint64_t kExifBytesRead = 4096;

std::optional<std::endian> byte_order_of(Bytes tiff) {
  const std::string_view mark = as_text(tiff.first(2));
  if (mark == "II") return std::endian::little;
  if (mark == "MM") return std::endian::big;
  return std::nullopt;
}

// Walks the first directory (TIFF 6.0 section 2).
uint8_t orientation_in(Bytes tiff) {
  if (tiff.size() < kTiffHeaderBytes) return kUpright;
  const auto order = byte_order_of(tiff);
  if (!order || load_u16(tiff.data() + 2, *order) != 42) return kUpright;
  uint64_t at = load_u32(tiff.data() + 4, *order);
  if (at + 2 > tiff.size()) return kUpright;
  const unsigned count = load_u16(tiff.data() + at, *order);
  at += 2;
  for (unsigned i = 0; i < count && at + kIfdEntryBytes <= tiff.size(); ++i, at += kIfdEntryBytes) {
    const std::byte* entry = tiff.data() + at;
    if (load_u16(entry, *order) != kOrientationTag || load_u16(entry + 2, *order) != kShortType) {
      continue;
    }
    const unsigned orientation = load_u16(entry + 8, *order);
    return orientation >= 1 && orientation <= 8 ? static_cast<uint8_t>(orientation) : kUpright;
  }
  return kUpright;
}

}  // namespace

Result<uint8_t> read_exif_orientation(const RandomAccess& file, uint64_t offset, uint64_t length) {
  ByteVector segment(std::min(length, kExifBytesRead));
  segment.resize(PACS_TRY(file.read_at(offset, segment)));
  if (!as_text(segment).starts_with(kExifBegin)) return kUpright;
  return orientation_in(Bytes(segment).subspan(kExifBegin.size()));
}

}  // namespace pacs::dicom
