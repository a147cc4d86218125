#include "archive/stored_frames.h"

#include <bit>
#include <utility>

#include "dicom/transfer_syntax.h"
#include "pixel/frame.h"

namespace pacs::archive {
namespace {

// What the frames are, whatever the whole file is called.
std::string_view syntax_of_frames(const dicom::Header& header) {
  if (header.pixel_data->is_encapsulated) return header.transfer_syntax.uid;
  return header.transfer_syntax.byte_order == std::endian::big ? dicom::kExplicitVrBigEndian
                                                               : dicom::kExplicitVrLittleEndian;
}

// Frames of one bit a pixel may begin within a byte (PS3.5 8.1.1).
void move_to_low_end(ByteVector& bytes, unsigned first_bit) {
  if (first_bit == 0) return;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const std::byte next = i + 1 < bytes.size() ? bytes[i + 1] : std::byte{0};
    bytes[i] = bytes[i] >> first_bit | next << (8 - first_bit);
  }
}

}  // namespace

const dicom::RandomAccess& StoredFrames::bytes() const {
  if (inflated_) return *inflated_;
  return file_;
}

Result<std::unique_ptr<StoredFrames>> StoredFrames::open(RetrieveService& retrieve,
                                                         pixel::FrameDecoder& decoder,
                                                         index::ImageRecord record,
                                                         std::optional<dicom::FrameTable> table) {
  auto image = PACS_TRY(retrieve.open(std::move(record)));
  PACS_TRY(retrieve.confirm(image));
  std::unique_ptr<StoredFrames> frames(new StoredFrames(decoder, std::move(image)));
  PACS_TRY(frames->read(std::move(table)));
  return frames;
}

Result<void> StoredFrames::read(std::optional<dicom::FrameTable> table) {
  header_ = PACS_TRY(dicom::read_header(file_));
  if (header_.transfer_syntax.is_deflated) {
    inflated_ = PACS_TRY(dicom::InflatedFile::open(file_, header_));
    header_ = PACS_TRY(dicom::read_header(*inflated_));
    table.reset();
  }
  format_ = PACS_TRY(pixel::PixelFormat::of(header_));
  transfer_syntax_ = syntax_of_frames(header_);
  const dicom::TransferSyntax* const syntax = dicom::find_transfer_syntax(transfer_syntax_);
  if (syntax == nullptr || syntax->is_video() ||
      (header_.pixel_data->is_encapsulated && syntax->codec == dicom::PixelCodec::native)) {
    return unsupported("transfer_syntax", "nothing here decodes its transfer syntax");
  }
  table_ = table ? std::move(*table) : PACS_TRY(dicom::FrameTable::build(bytes(), header_));
  if (table_.frame_count() == 0) {
    return not_found("no_such_frame", "the instance has no frames that are known");
  }
  return {};
}

Result<ByteVector> StoredFrames::read_frame(const dicom::FrameTable::Frame& frame) const {
  const uint64_t length = frame.length();
  if (length > pixel::kFrameBytesMax) {
    return resource_exhausted("decoding", "the stored frame is larger than what is decoded");
  }
  ByteVector stored;
  // In big endian words the padding of an odd frame comes before its last byte.
  const bool is_padded =
      format_.is_in_words && length % 2 != 0 && transfer_syntax_ == dicom::kExplicitVrBigEndian;
  stored.reserve(static_cast<size_t>(length) + 1);
  for (const dicom::FrameTable::Piece& piece : frame.pieces) {
    const size_t size = static_cast<size_t>(piece.length) + (is_padded ? 1 : 0);
    const size_t before = stored.size();
    stored.resize(before + size);
    const MutableBytes room = MutableBytes(stored).subspan(before);
    const size_t count = PACS_TRY(bytes().read_at(piece.offset, room));
    if (count < piece.length) {
      return corrupt("file_too_short", "the stored file ends before its last frame");
    }
    stored.resize(before + count);
  }
  move_to_low_end(stored, frame.first_bit);
  return stored;
}

Result<pixel::Frame> StoredFrames::decode(size_t index) const {
  ByteVector stored = PACS_TRY(read_frame(table_.frame(index)));
  auto frame = decoder_.decode_given(transfer_syntax_, format_, std::move(stored));
  if (frame || (frame.error().reason != "pixel_data" && frame.error().reason != "decoding")) {
    return frame;
  }
  // Not the mistake of who asks.
  return unsupported("undecodable_frame",
                     "frame " + std::to_string(index + 1) + ": " + frame.error().detail);
}

}  // namespace pacs::archive
