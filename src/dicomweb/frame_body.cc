#include "dicomweb/frame_body.h"

#include <algorithm>
#include <array>
#include <utility>

namespace pacs::dicomweb {
namespace {

constexpr size_t kMovedAtOnce = 16 * 1024;

Error ends_early() { return corrupt("damaged", "the stored image ends within a frame"); }

}  // namespace

FrameBody::FrameBody(const archive::OpenedImage& image, dicom::FrameTable::Frame frame)
    : image_(image), frame_(std::move(frame)), size_bytes_((frame_.bit_length + 7) / 8) {}

Result<void> FrameBody::write_to(ByteSink& sink, uint64_t offset, uint64_t length) {
  const bool has_whole_bytes = frame_.first_bit == 0 && frame_.bit_length % 8 == 0;
  return has_whole_bytes ? write_pieces(sink, offset, length) : write_moved(sink, offset, length);
}

Result<void> FrameBody::write_pieces(ByteSink& sink, uint64_t offset, uint64_t length) {
  for (const dicom::FrameTable::Piece& piece : frame_.pieces) {
    if (offset >= piece.length) {
      offset -= piece.length;
      continue;
    }
    const uint64_t part = std::min(piece.length - offset, length);
    if (part > 0) PACS_TRY(image_.blob->write_to(sink, piece.offset + offset, part));
    offset = 0;
    length -= part;
  }
  return {};
}

// Native frames are one piece. Bits are counted from the low end of each byte (PS3.5 8.1.1).
Result<void> FrameBody::write_moved(ByteSink& sink, uint64_t offset, uint64_t length) {
  const dicom::FrameTable::Piece& piece = frame_.pieces.front();
  const unsigned shift = frame_.first_bit;
  std::array<std::byte, kMovedAtOnce + 1> bytes{};
  while (length > 0) {
    const size_t count = std::min<uint64_t>(kMovedAtOnce, length);
    const size_t wanted = std::min<uint64_t>(count + 1, piece.length - offset);
    const MutableBytes room = MutableBytes(bytes).first(wanted);
    if (PACS_TRY(image_.blob->read_at(piece.offset + offset, room)) != wanted) return ends_early();
    if (wanted == count) bytes[count] = std::byte{0};
    for (size_t i = 0; i < count; ++i) {
      const auto pair =
          std::to_integer<unsigned>(bytes[i]) | std::to_integer<unsigned>(bytes[i + 1]) << 8U;
      bytes[i] = static_cast<std::byte>(pair >> shift);
    }
    const auto spare_bits = static_cast<unsigned>(size_bytes_ * 8 - frame_.bit_length);
    if (offset + count == size_bytes_) bytes[count - 1] &= std::byte(0xFFU >> spare_bits);
    PACS_TRY(sink.write(Bytes(bytes).first(count)));
    offset += count;
    length -= count;
  }
  return {};
}

}  // namespace pacs::dicomweb
