#include "dicom/frame_grouping.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "dicom/little_endian.h"

namespace pacs::dicom {
namespace {

constexpr size_t kStartSize = 12;  // the longest mark below

// The offsets of an offset table as indexes of fragments; nothing when it does not start with 0,
// does not ascend, or points at anything but the header of a fragment. Offsets count from the
// header of the first fragment (PS3.5 A.4).
std::optional<std::vector<uint32_t>> indexes_of(const std::vector<uint64_t>& offsets,
                                                const std::vector<Fragment>& fragments) {
  if (offsets.empty() || offsets.front() != 0) return std::nullopt;
  std::vector<uint32_t> indexes;
  uint32_t index = 0;
  for (const uint64_t offset : offsets) {
    if (!indexes.empty()) ++index;
    while (index < fragments.size() && fragments[index].offset - fragments[0].offset < offset) {
      ++index;
    }
    if (index == fragments.size() || fragments[index].offset - fragments[0].offset != offset) {
      return std::nullopt;
    }
    indexes.push_back(index);
  }
  return indexes;
}

Result<std::vector<uint64_t>> read_basic_offsets(const RandomAccess& file,
                                                 const PixelDataLocation& pixels) {
  // More entries than fragments point at nothing.
  const size_t count = pixels.basic_offset_table.length / sizeof(uint32_t);
  std::vector<uint64_t> offsets;
  if (count == 0 || count > pixels.fragments.size()) return offsets;
  ByteVector bytes(count * sizeof(uint32_t));
  if (PACS_TRY(file.read_at(pixels.basic_offset_table.offset, bytes)) != bytes.size()) {
    return offsets;
  }
  for (size_t i = 0; i < count; ++i) {
    offsets.push_back(load_little_endian<uint32_t>(&bytes[i * sizeof(uint32_t)]));
  }
  return offsets;
}

// (7FE0,0001), PS3.3 C.7.6.3.1.8. It may be too large to have been kept in memory.
Result<std::vector<uint64_t>> read_extended_offsets(const RandomAccess& file,
                                                    const Header& header) {
  std::vector<uint64_t> offsets;
  const auto element = header.data_set.find(tags::kExtendedOffsetTable);
  if (!element || !element->length() || !element->file_offset()) return offsets;
  const uint64_t count = *element->length() / sizeof(uint64_t);
  if (count == 0 || count > header.pixel_data->fragments.size()) return offsets;
  ByteVector bytes(static_cast<size_t>(count) * sizeof(uint64_t));
  if (PACS_TRY(file.read_at(*element->file_offset(), bytes)) != bytes.size()) return offsets;
  for (size_t i = 0; i < count; ++i) {
    offsets.push_back(load_little_endian<uint64_t>(&bytes[i * sizeof(uint64_t)]));
  }
  return offsets;
}

// SOI of JPEG and JPEG-LS; SOC and SIZ of JPEG 2000, or its file format; JPEG XL's two forms.
bool starts_picture(std::string_view bytes) {
  using namespace std::string_view_literals;
  for (const std::string_view start :
       {"\xFF\xD8\xFF"sv, "\xFF\x4F\xFF\x51"sv, "\0\0\0\x0CjP  \r\n\x87\n"sv, "\xFF\x0A"sv,
        "\0\0\0\x0CJXL \r\n\x87\n"sv}) {
    if (bytes.starts_with(start)) return true;
  }
  return false;
}

Result<std::vector<uint32_t>> find_picture_starts(const RandomAccess& file,
                                                  const std::vector<Fragment>& fragments) {
  std::vector<uint32_t> starts;
  for (uint32_t i = 0; i < fragments.size(); ++i) {
    std::array<std::byte, kStartSize> bytes{};
    const size_t wanted = std::min<size_t>(bytes.size(), fragments[i].length);
    const size_t read = PACS_TRY(file.read_at(fragments[i].offset, std::span(bytes).first(wanted)));
    if (starts_picture(as_text(Bytes(bytes).first(read)))) starts.push_back(i);
  }
  return starts;
}

}  // namespace

Result<std::vector<uint32_t>> group_fragments(const RandomAccess& file, const Header& header,
                                              uint64_t frames) {
  const std::vector<Fragment>& fragments = header.pixel_data->fragments;
  const auto extended = indexes_of(PACS_TRY(read_extended_offsets(file, header)), fragments);
  if (extended && extended->size() == frames) return *extended;
  const auto basic = indexes_of(PACS_TRY(read_basic_offsets(file, *header.pixel_data)), fragments);
  if (basic && basic->size() == frames) return *basic;
  if (frames == 1) return std::vector<uint32_t>{0};
  if (frames == fragments.size()) {
    std::vector<uint32_t> indexes(fragments.size());
    for (uint32_t i = 0; i < indexes.size(); ++i) indexes[i] = i;
    return indexes;
  }
  if (frames < fragments.size()) {
    std::vector<uint32_t> starts = PACS_TRY(find_picture_starts(file, fragments));
    if (starts.size() == frames && starts.front() == 0) return starts;
  }
  return invalid_argument("frames_unknown",
                          "The fragments of the pixel data cannot be told apart into frames.");
}

}  // namespace pacs::dicom
