#include "pixel/native_frame.h"

#include <algorithm>
#include <utility>

#include "pixel/samples.h"

namespace pacs::pixel {
namespace {

size_t bytes_of_cell(const PixelFormat& format) {
  if (format.bits_allocated > 8) return format.bits_allocated / 8;
  return format.is_in_words ? 2 : 1;
}

Result<void> check_size(const PixelFormat& stated, size_t stored_bytes) {
  const uint64_t size = stated.frame_bytes();
  if (size > kFrameBytesMax) return broken_frame("the frame is larger than what is decoded");
  if (stored_bytes < size) return broken_frame("the frame has fewer bytes than its pixels need");
  return {};
}

}  // namespace

Result<Frame> adopt_native(const PixelFormat& stated, ByteVector stored) {
  PACS_TRY(check_size(stated, stored.size()));
  Frame frame{stated, std::move(stored)};
  frame.format.is_in_words = false;
  frame.bytes.resize(static_cast<size_t>(stated.frame_bytes()));
  return frame;
}

Result<Frame> decode_native(const PixelFormat& stated, std::endian byte_order, Bytes stored) {
  PACS_TRY(check_size(stated, stored.size()));
  const auto size = static_cast<size_t>(stated.frame_bytes());
  Frame frame;
  frame.format = stated;
  frame.format.is_in_words = false;
  const size_t cell = byte_order == std::endian::big ? bytes_of_cell(stated) : 1;
  // The last byte of an odd frame stands behind its padding.
  const size_t whole = (size + cell - 1) / cell * cell;
  if (stored.size() < whole) return broken_frame("a big endian frame ends within a word");
  frame.bytes.assign(stored.begin(), stored.begin() + static_cast<ptrdiff_t>(whole));
  if (cell > 1) {
    for (auto at = frame.bytes.begin(); at != frame.bytes.end();
         at += static_cast<ptrdiff_t>(cell)) {
      std::reverse(at, at + static_cast<ptrdiff_t>(cell));
    }
  }
  frame.bytes.resize(size);
  return frame;
}

}  // namespace pacs::pixel
