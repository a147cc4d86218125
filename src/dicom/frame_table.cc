#include "dicom/frame_table.h"

#include <algorithm>

#include "core/assert.h"
#include "dicom/frame_grouping.h"
#include "dicom/image_description.h"

namespace pacs::dicom {
namespace {

constexpr std::byte kVersion{1};
// A table that the index has cannot be larger than what build() makes of kFragmentCountMax.
constexpr uint64_t kFrameCountMax = kFragmentCountMax;
// So that a place counts in bits too.
constexpr uint64_t kPositionMax = uint64_t{1} << 60U;

Error frames_unknown(const char* detail) { return invalid_argument("frames_unknown", detail); }

Error broken_table() {
  return corrupt("frame_table", "The frame table is not what this program wrote.");
}

// LEB128: seven bits a byte, the low ones first, the high bit set where more follow.
void append_number(ByteVector& bytes, uint64_t number) {
  for (; number >= 0x80; number >>= 7U) bytes.push_back(static_cast<std::byte>(number | 0x80));
  bytes.push_back(static_cast<std::byte>(number));
}

class NumberReader {
 public:
  explicit NumberReader(Bytes bytes) : rest_(bytes) {}

  // Nothing at the end, for a number beyond 64 bits, and for one written longer than needed.
  std::optional<uint64_t> next() {
    uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return std::nullopt;
      const auto byte = static_cast<uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      if (shift == 63 && byte > 1) return std::nullopt;
      number |= (byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return byte == 0 && shift > 0 ? std::nullopt : std::optional(number);
    }
    return std::nullopt;
  }
  [[nodiscard]] size_t left() const { return rest_.size(); }

 private:
  Bytes rest_;
};

// Bits of one native frame (PS3.5 8.1.1, PS3.3 C.7.6.3.1.2); nothing when the header does not say.
std::optional<uint64_t> native_frame_bits(const ImageDescription& image, Tag pixel_tag) {
  if (!image.rows || !image.columns) return std::nullopt;
  uint64_t bits = image.bits_allocated.value_or(0);
  if (pixel_tag == tags::kFloatPixelData) bits = 32;
  if (pixel_tag == tags::kDoubleFloatPixelData) bits = 64;
  uint64_t samples = image.samples_per_pixel.value_or(1);
  // Two pixels share a pair of colour differences: two samples a pixel on the average.
  const std::string& photometric = image.photometric_interpretation;
  if (samples == 3 && (photometric == "YBR_FULL_422" || photometric == "YBR_PARTIAL_422")) {
    samples = 2;
  }
  constexpr uint64_t kBitsMax = 64;
  constexpr uint64_t kSamplesMax = 4;
  const uint64_t pixels = uint64_t{*image.rows} * *image.columns;
  if (pixels == 0 || bits == 0 || bits > kBitsMax || samples == 0 || samples > kSamplesMax ||
      pixels > UINT64_MAX / (kBitsMax * kSamplesMax)) {
    return std::nullopt;
  }
  return pixels * samples * bits;
}

}  // namespace

uint64_t FrameTable::Frame::length() const {
  uint64_t length = 0;
  for (const Piece& piece : pieces) length += piece.length;
  return length;
}

Result<FrameTable> FrameTable::build(const RandomAccess& file, const Header& header) {
  const std::optional<PixelDataLocation>& pixels = header.pixel_data;
  if (!pixels || !pixels->offset) return FrameTable();
  const ImageDescription image = describe(header);
  const uint64_t frames = std::max<uint32_t>(image.number_of_frames.value_or(1), 1);
  if (!pixels->is_encapsulated) {
    if (pixels->length == 0) return FrameTable();
    const TransferSyntax* declared = find_transfer_syntax(header.transfer_syntax_uid);
    const bool is_doubtful = declared != nullptr && declared->is_encapsulated;
    return build_native(*pixels, image, frames, is_doubtful ? Fit::exact : Fit::at_least);
  }
  if (pixels->fragments.empty()) return FrameTable();
  return build_encapsulated(file, header, frames);
}

Result<FrameTable> FrameTable::build_native(const PixelDataLocation& pixels,
                                            const ImageDescription& image, uint64_t frames,
                                            Fit fit) {
  const auto bits = native_frame_bits(image, pixels.tag);
  if (!bits) return frames_unknown("The header does not say how large a frame is.");
  const uint64_t bits_there = pixels.length <= UINT64_MAX / 8 ? pixels.length * 8 : UINT64_MAX;
  if (frames > bits_there / *bits) {
    return frames_unknown("The pixel data is shorter than the frames that the header states.");
  }
  // One byte more may be padding.
  if (fit == Fit::exact && (bits_there - frames * *bits) / 8 > 1) {
    return frames_unknown("The pixel data is not encapsulated, nor as long as native frames are.");
  }
  FrameTable table;
  table.layout_ = Layout::native;
  table.frame_count_ = frames;
  table.native_offset_ = *pixels.offset;
  table.native_frame_bits_ = *bits;
  return table;
}

Result<FrameTable> FrameTable::build_encapsulated(const RandomAccess& file, const Header& header,
                                                  uint64_t frames) {
  FrameTable table;
  const std::vector<Fragment>& fragments = header.pixel_data->fragments;
  for (const Fragment& fragment : fragments) {
    table.pieces_.push_back({fragment.offset, fragment.length});
  }
  if (header.transfer_syntax.is_video()) {
    table.layout_ = Layout::video;
    table.first_piece_ = {0};
  } else {
    table.layout_ = Layout::encapsulated;
    table.first_piece_ = PACS_TRY(group_fragments(file, header, frames));
  }
  table.frame_count_ = table.first_piece_.size();
  table.first_piece_.push_back(static_cast<uint32_t>(fragments.size()));
  return table;
}

FrameTable::Frame FrameTable::frame(size_t index) const {
  PACS_ASSERT(index < frame_count_);
  Frame frame;
  if (layout_ == Layout::native) {
    const uint64_t first_bit = index * native_frame_bits_;
    const uint64_t last_byte = (first_bit + native_frame_bits_ + 7) / 8;
    frame.first_bit = static_cast<unsigned>(first_bit % 8);
    frame.bit_length = native_frame_bits_;
    frame.pieces.push_back({native_offset_ + first_bit / 8, last_byte - first_bit / 8});
    return frame;
  }
  frame.pieces.assign(pieces_.begin() + first_piece_[index],
                      pieces_.begin() + first_piece_[index + 1]);
  frame.bit_length = frame.length() * 8;
  return frame;
}

ByteVector FrameTable::serialize() const {
  ByteVector bytes{kVersion, static_cast<std::byte>(layout_)};
  if (layout_ == Layout::none) return bytes;
  append_number(bytes, frame_count_);
  if (layout_ == Layout::native) {
    append_number(bytes, native_offset_);
    append_number(bytes, native_frame_bits_);
    return bytes;
  }
  uint64_t position = 0;
  for (size_t frame = 0; frame < frame_count(); ++frame) {
    append_number(bytes, first_piece_[frame + 1] - first_piece_[frame]);
    for (uint32_t i = first_piece_[frame]; i < first_piece_[frame + 1]; ++i) {
      append_number(bytes, pieces_[i].offset - position);
      append_number(bytes, pieces_[i].length);
      position = pieces_[i].offset + pieces_[i].length;
    }
  }
  return bytes;
}

Result<FrameTable> FrameTable::parse(Bytes bytes) {
  if (bytes.size() < 2 || bytes[0] != kVersion) return broken_table();
  FrameTable table;
  table.layout_ = static_cast<Layout>(bytes[1]);
  NumberReader numbers(bytes.subspan(2));
  switch (table.layout_) {
    case Layout::none:
      break;
    case Layout::native:
    case Layout::encapsulated:
    case Layout::video: {
      const auto frames = numbers.next();
      if (!frames || *frames == 0) return broken_table();
      table.frame_count_ = *frames;
      const bool is_read = table.layout_ == Layout::native ? table.parse_native(numbers)
                                                           : table.parse_pieces(numbers);
      if (!is_read) return broken_table();
      break;
    }
    default:
      return broken_table();
  }
  if (numbers.left() != 0) return broken_table();
  return table;
}

template <typename Numbers>
bool FrameTable::parse_native(Numbers& numbers) {
  const auto offset = numbers.next();
  const auto bits = numbers.next();
  if (!offset || !bits || *bits == 0 || *offset >= kPositionMax) return false;
  native_offset_ = *offset;
  native_frame_bits_ = *bits;
  // The last bit lies below the largest position.
  return frame_count_ <= UINT32_MAX && *bits <= (kPositionMax - *offset) / frame_count_;
}

template <typename Numbers>
bool FrameTable::parse_pieces(Numbers& numbers) {
  // Each frame takes a byte at least, each piece two.
  if (frame_count_ > kFrameCountMax || frame_count_ > numbers.left()) return false;
  if (layout_ == Layout::video && frame_count_ != 1) return false;
  uint64_t position = 0;
  first_piece_.push_back(0);
  for (uint64_t frame = 0; frame < frame_count_; ++frame) {
    const auto count = numbers.next();
    if (!count || *count == 0 || *count > numbers.left() / 2) return false;
    for (uint64_t i = 0; i < *count; ++i) {
      const auto gap = numbers.next();
      const auto length = numbers.next();
      if (!gap || !length || *gap >= kPositionMax - position) return false;
      position += *gap;
      if (*length >= kPositionMax - position) return false;
      pieces_.push_back({position, *length});
      position += *length;
    }
    first_piece_.push_back(static_cast<uint32_t>(pieces_.size()));
  }
  return true;
}

}  // namespace pacs::dicom
