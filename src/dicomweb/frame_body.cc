#include "dicomweb/frame_body.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/bytes.h"

namespace pacs::dicomweb {
namespace {

constexpr size_t kMovedAtOnce = 16 * 1024;

}  // namespace

FrameBody::FrameBody(archive::RetrieveService& retrieve, archive::OpenedImage& image,
                     dicom::FrameTable::Frame frame)
    : retrieve_(retrieve),
      image_(image),
      frame_(std::move(frame)),
      size_bytes_((frame_.bit_length + 7) / 8) {}

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
    if (part > 0) PACS_TRY(retrieve_.send(image_, sink, piece.offset + offset, part));
    offset = 0;
    length -= part;
  }
  return {};
}

// Native frames are one piece. Bits are counted from the low end of each byte (PS3.5 8.1.1).
Result<void> FrameBody::write_moved(ByteSink& sink, uint64_t offset, uint64_t length) {
  const dicom::FrameTable::Piece& piece = frame_.pieces.front();
  const auto spare_bits = static_cast<unsigned>(size_bytes_ * 8 - frame_.bit_length);
  while (length > 0) {
    const size_t count = std::min<uint64_t>(kMovedAtOnce, length);
    const uint64_t read_count = std::min<uint64_t>(count + 1, piece.length - offset);
    StringSink stored;
    PACS_TRY(retrieve_.send(image_, stored, piece.offset + offset, read_count));
    std::string bytes = stored.take();
    bytes.resize(count + 1);  // zero where the frame ends with its last byte
    for (size_t i = 0; i < count; ++i) {
      const unsigned pair = static_cast<unsigned char>(bytes[i]) |
                            unsigned{static_cast<unsigned char>(bytes[i + 1])} << 8U;
      bytes[i] = static_cast<char>(pair >> frame_.first_bit);
    }
    offset += count;
    length -= count;
    if (offset == size_bytes_) {
      bytes[count - 1] = static_cast<char>(bytes[count - 1] & (0xFFU >> spare_bits));
    }
    PACS_TRY(sink.write(as_bytes(bytes).first(count)));
  }
  return {};
}

}  // namespace pacs::dicomweb
