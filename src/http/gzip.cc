#include "http/gzip.h"

#include <algorithm>

#include <zlib.h>

#include "core/assert.h"

namespace pacs::http {

std::string gzip(std::string_view text) {
  constexpr int kLevel = 4;  // JSON shrinks eightfold at a third of the time of the default level
  constexpr int kWindowBits = 15 + 16;  // the largest window, in a gzip frame
  constexpr int kMemoryLevel = 8;
  constexpr size_t kPieceMax = size_t{1} << 30;  // zlib counts in 32 bits
  z_stream stream{};
  const int made =
      deflateInit2(&stream, kLevel, Z_DEFLATED, kWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY);
  PACS_ASSERT(made == Z_OK);
  std::string out;
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    if (stream.avail_in == 0 && !text.empty()) {
      const size_t piece = std::min(text.size(), kPieceMax);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
      stream.avail_in = static_cast<uInt>(piece);
      text.remove_prefix(piece);
    }
    const size_t filled = out.size();
    const size_t room = std::clamp<size_t>(stream.avail_in / 4, 4096, kPieceMax);
    out.resize(filled + room);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    stream.avail_out = static_cast<uInt>(room);
    state = deflate(&stream, text.empty() ? Z_FINISH : Z_NO_FLUSH);
    PACS_ASSERT(state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR);
    out.resize(filled + room - stream.avail_out);
  }
  deflateEnd(&stream);
  return out;
}

}  // namespace pacs::http
