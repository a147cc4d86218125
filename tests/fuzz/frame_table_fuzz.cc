// Frame tables out of the index: only what serialize() writes is taken, and its pieces lie one
// behind the other.
#include <algorithm>

#include "dicom/frame_table.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs::dicom;

namespace {
constexpr uint64_t kPositionMax = uint64_t{1} << 63;
constexpr size_t kFramesLookedAt = 1000;  // a native table of a few bytes has billions
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const pacs::Bytes bytes = pacs::as_bytes(pacs::fuzz::Input(data, size).rest());
  const auto table = FrameTable::parse(bytes);
  if (!table) {
    FUZZ_CHECK(table.error().code == pacs::ErrorCode::corrupt);
    return 0;
  }
  const pacs::ByteVector again = table->serialize();
  FUZZ_CHECK(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  const size_t count = table->frame_count();
  FUZZ_CHECK((count == 0) == (table->layout() == FrameTable::Layout::none));
  uint64_t end = 0;
  for (size_t i = 0; i < std::min(count, kFramesLookedAt); ++i) {
    const FrameTable::Frame frame = table->frame(i);
    FUZZ_CHECK(!frame.pieces.empty() && frame.first_bit < 8);
    FUZZ_CHECK((frame.first_bit + frame.bit_length + 7) / 8 == frame.length());
    for (const FrameTable::Piece& piece : frame.pieces) {
      // Frames that are not whole bytes share one.
      FUZZ_CHECK(piece.offset + (frame.first_bit > 0 ? 1 : 0) >= end);
      end = piece.offset + piece.length;
      FUZZ_CHECK(end >= piece.offset && end < kPositionMax);
    }
  }
  if (count > 0) {
    const FrameTable::Frame last = table->frame(count - 1);
    FUZZ_CHECK(last.pieces.back().offset + last.pieces.back().length < kPositionMax);
  }
  return 0;
}
