#include "pixel/palette.h"

#include <algorithm>
#include <optional>

#include "dicom/little_endian.h"
#include "pixel/element_numbers.h"

namespace pacs::pixel {
namespace {

constexpr std::array<dicom::Tag, 3> kPaletteDescriptors = {
    {{0x0028, 0x1101}, {0x0028, 0x1102}, {0x0028, 0x1103}}};
constexpr std::array<dicom::Tag, 3> kPaletteData = {
    {{0x0028, 0x1201}, {0x0028, 0x1202}, {0x0028, 0x1203}}};
constexpr std::array<dicom::Tag, 3> kSegmentedPaletteData = {
    {{0x0028, 0x1221}, {0x0028, 0x1222}, {0x0028, 0x1223}}};

Error no_palette() {
  return unsupported("palette", "the colour table of the image is missing or damaged");
}

// Reads segments (PS3.3 tables C.7-23 to C.7-27): every field is as wide as an entry.
class SegmentReader {
 public:
  SegmentReader(Bytes bytes, unsigned bits, size_t entry_count)
      : bytes_(bytes), field_bytes_(bits > 8 ? 2 : 1), entry_count_(entry_count) {}

  std::optional<std::vector<uint16_t>> expand() {
    while (entries_.size() < entry_count_) {
      if (!read_segment(Indirect::allowed)) return std::nullopt;
    }
    return std::move(entries_);
  }

 private:
  enum class Indirect { allowed, refused };  // a segment that is pointed to points no further

  std::optional<uint32_t> field() {
    if (bytes_.size() - at_ < field_bytes_) return std::nullopt;
    const std::byte* from = bytes_.data() + at_;
    at_ += field_bytes_;
    return field_bytes_ == 2 ? dicom::load_little_endian<uint16_t>(from)
                             : std::to_integer<uint32_t>(*from);
  }

  bool read_segment(Indirect indirect) {
    const auto opcode = field();
    const auto length = field();
    if (!opcode || !length || *length == 0) return false;
    switch (*opcode) {
      case 0:
        return read_discrete(*length);
      case 1:
        return read_linear(*length);
      case 2:
        return indirect == Indirect::allowed && read_indirect(*length);
      default:
        return false;
    }
  }

  bool read_discrete(uint32_t length) {
    if (length > entry_count_ - entries_.size()) return false;
    for (uint32_t i = 0; i < length; ++i) {
      const auto entry = field();
      if (!entry) return false;
      entries_.push_back(static_cast<uint16_t>(*entry));
    }
    return true;
  }

  // From behind the last entry to the one that the segment names.
  bool read_linear(uint32_t length) {
    const auto last = field();
    if (!last || entries_.empty() || length > entry_count_ - entries_.size()) return false;
    const double from = entries_.back();
    const double step = (*last - from) / length;
    for (uint32_t i = 1; i <= length; ++i) {
      entries_.push_back(static_cast<uint16_t>(from + step * i + 0.5));
    }
    return true;
  }

  // The offset in bytes is of 32 bits, its low word (or byte) first.
  bool read_indirect(uint32_t segment_count) {
    uint32_t offset = 0;
    for (size_t bit = 0; bit < 32; bit += field_bytes_ * 8) {
      const auto part = field();
      if (!part) return false;
      offset |= *part << bit;
    }
    if (offset >= bytes_.size()) return false;
    const size_t back = std::exchange(at_, offset);
    for (uint32_t i = 0; i < segment_count; ++i) {
      if (!read_segment(Indirect::refused)) return false;
    }
    at_ = back;
    return true;
  }

  const Bytes bytes_;
  const size_t field_bytes_;
  const size_t entry_count_;
  size_t at_ = 0;
  std::vector<uint16_t> entries_;
};

struct PaletteTable {
  LookUpTable table;
  bool is_wide = false;  // entries of 16 bits
};

Result<PaletteTable> read_table(dicom::DataSetView data_set, size_t colour,
                                FirstMapped first_mapped) {
  PaletteTable read;
  if (auto plain = LookUpTable::read(data_set, kPaletteDescriptors[colour], kPaletteData[colour],
                                     first_mapped)) {
    read.table = std::move(*plain);
  } else {
    const auto descriptor = read_descriptor(data_set, kPaletteDescriptors[colour], first_mapped);
    const auto data = data_set.find(kSegmentedPaletteData[colour]);
    if (!descriptor || !data || !data->is_in_memory()) return no_palette();
    read.table.first_mapped = descriptor->first_mapped;
    read.table.bits = descriptor->bits;
    read.table.entries =
        PACS_TRY(expand_segments(data->value(), descriptor->bits, descriptor->entry_count));
  }
  read.is_wide = read.table.bits > 8;
  return read;
}

// Devices state 16 bits and write 8: where no entry of the three needs more, they are 8.
bool has_wide_entries(const std::array<PaletteTable, 3>& tables) {
  return std::any_of(tables.begin(), tables.end(), [](const PaletteTable& one) {
    return one.is_wide && std::any_of(one.table.entries.begin(), one.table.entries.end(),
                                      [](uint16_t entry) { return entry > 0xFF; });
  });
}

}  // namespace

Result<std::vector<uint16_t>> expand_segments(Bytes segments, unsigned bits, size_t entry_count) {
  auto entries = SegmentReader(segments, bits, entry_count).expand();
  if (!entries) return no_palette();
  return std::move(*entries);
}

std::array<uint8_t, 3> Palette::at(int64_t input) const {
  const auto last = static_cast<int64_t>(colours[0].size()) - 1;
  const auto index = static_cast<size_t>(std::clamp<int64_t>(input - first_mapped, 0, last));
  return {colours[0][index], colours[1][index], colours[2][index]};
}

Result<Palette> Palette::read(dicom::DataSetView data_set, FirstMapped first_mapped) {
  std::array<PaletteTable, 3> tables;
  for (size_t colour = 0; colour < 3; ++colour) {
    tables[colour] = PACS_TRY(read_table(data_set, colour, first_mapped));
    if (tables[colour].table.entries.size() != tables[0].table.entries.size()) return no_palette();
  }
  const unsigned shift = has_wide_entries(tables) ? 8 : 0;
  Palette palette;
  palette.first_mapped = tables[0].table.first_mapped;
  for (size_t colour = 0; colour < 3; ++colour) {
    for (const uint16_t entry : tables[colour].table.entries) {
      palette.colours[colour].push_back(static_cast<uint8_t>(entry >> shift));
    }
  }
  return palette;
}

}  // namespace pacs::pixel
