#include "pixel/rle.h"

#include <algorithm>
#include <cstring>

#include "dicom/little_endian.h"
#include "pixel/samples.h"

namespace pacs::pixel {
namespace {

constexpr size_t kRleHeaderBytes = 64;
constexpr uint32_t kRleSegmentsMax = 15;
// A run of 2 and of 128 bytes (PS3.5 G.3.1); 128 as a header byte says nothing.
constexpr size_t kRunMax = 128;
constexpr int kNoOperation = -128;

// Unpacks `packed` to every `stride`-th byte from `to`, `count` of them; false when it holds fewer.
bool unpack(Bytes packed, std::byte* to, size_t stride, uint64_t count) {
  size_t at = 0;
  uint64_t done = 0;
  while (done < count && at < packed.size()) {
    const int control = static_cast<int8_t>(packed[at++]);
    if (control == kNoOperation) continue;
    const auto length = static_cast<size_t>(control >= 0 ? control + 1 : 1 - control);
    const uint64_t taken = std::min<uint64_t>(length, count - done);
    if (control >= 0) {
      if (packed.size() - at < taken) return false;
      for (uint64_t i = 0; i < taken; ++i) to[(done + i) * stride] = packed[at + i];
      at += length;
    } else {
      if (at == packed.size()) return false;
      for (uint64_t i = 0; i < taken; ++i) to[(done + i) * stride] = packed[at];
      ++at;
    }
    done += taken;
  }
  return done == count;
}

size_t run_length(Bytes row, size_t at) {
  const size_t end = std::min(row.size(), at + kRunMax);
  size_t next = at + 1;
  while (next < end && row[next] == row[at]) ++next;
  return next - at;
}

// One row: runs of three and more as such, the rest as it is (PS3.5 G.3.1: no run over rows).
void pack_row(Bytes row, ByteVector& to) {
  size_t at = 0;
  while (at < row.size()) {
    const size_t run = run_length(row, at);
    if (run >= 3) {
      to.push_back(static_cast<std::byte>(1 - static_cast<int>(run)));
      to.push_back(row[at]);
      at += run;
      continue;
    }
    size_t end = at + run;
    while (end < row.size() && end - at < kRunMax && run_length(row, end) < 3) ++end;
    to.push_back(static_cast<std::byte>(end - at - 1));
    to.insert(to.end(), row.begin() + static_cast<ptrdiff_t>(at),
              row.begin() + static_cast<ptrdiff_t>(end));
    at = end;
  }
}

}  // namespace

Result<Frame> decode_rle(const PixelFormat& stated, Bytes stored) {
  if (stated.bits_allocated > 32 || stated.is_floating) {
    return broken_frame("RLE holds integers of at most 32 bits");
  }
  Frame frame;
  frame.format = stated;
  frame.format.is_planar = frame.format.is_in_words = false;
  if (stated.photometric_interpretation == "YBR_FULL_422") {
    frame.format.photometric_interpretation = "YBR_FULL";  // each segment has all pixels
  }
  if (frame.format.frame_bytes() > kFrameBytesMax) {
    return broken_frame("the decoded frame is larger than what is decoded");
  }
  // Pixels of one bit are packed as the bytes that they lie in.
  const bool is_one_bit = stated.bits_allocated == 1;
  const size_t bytes_each = is_one_bit ? 1 : stated.bits_allocated / 8;
  const size_t segments = bytes_each * stated.samples_per_pixel;
  if (stored.size() < kRleHeaderBytes) return broken_frame("the RLE header is cut off");
  if (dicom::load_little_endian<uint32_t>(stored.data()) != segments) {
    return broken_frame("the RLE header has another number of segments than the pixels have bytes");
  }
  const uint64_t pixels =
      is_one_bit ? frame.format.frame_bytes() : uint64_t{stated.rows} * stated.columns;
  // A pair of bytes unpacks to 128: what cannot possibly be there takes no memory.
  if (pixels * segments > uint64_t{stored.size()} * (kRunMax / 2)) {
    return broken_frame("the RLE segments are too short for so many pixels");
  }
  frame.bytes.resize(static_cast<size_t>(frame.format.frame_bytes()));
  for (size_t segment = 0; segment < segments; ++segment) {
    const std::byte* const offsets = stored.data() + sizeof(uint32_t);
    const size_t begin = dicom::load_little_endian<uint32_t>(offsets + segment * 4);
    const size_t end = segment + 1 < segments
                           ? dicom::load_little_endian<uint32_t>(offsets + (segment + 1) * 4)
                           : stored.size();
    if (begin < kRleHeaderBytes || begin > end || end > stored.size()) {
      return broken_frame("an RLE segment begins where none can be");
    }
    const size_t sample = segment / bytes_each;
    const size_t byte = bytes_each - 1 - segment % bytes_each;
    if (!unpack(stored.subspan(begin, end - begin), frame.bytes.data() + sample * bytes_each + byte,
                segments, pixels)) {
      return broken_frame("an RLE segment ends before its pixels do");
    }
  }
  return frame;
}

Result<ByteVector> encode_rle(const Frame& frame) {
  const PixelFormat& format = frame.format;
  const size_t bytes_each = format.bits_allocated / 8;
  const size_t segments = bytes_each * format.samples_per_pixel;
  if (format.bits_allocated % 8 != 0 || segments > kRleSegmentsMax) {
    return unsupported("encoding", "RLE holds samples of whole bytes, at most 15 bytes a pixel");
  }
  const uint64_t pixels = uint64_t{format.rows} * format.columns;
  ByteVector encoded(kRleHeaderBytes);
  const auto set_number = [&](size_t place, uint32_t number) {
    std::memcpy(encoded.data() + place * sizeof(number), &number, sizeof(number));
  };
  set_number(0, static_cast<uint32_t>(segments));
  ByteVector row(format.columns);
  for (size_t segment = 0; segment < segments; ++segment) {
    set_number(segment + 1, static_cast<uint32_t>(encoded.size()));
    const size_t sample = segment / bytes_each;
    const size_t byte = bytes_each - 1 - segment % bytes_each;
    const std::byte* from =
        frame.bytes.data() + byte + (format.is_planar ? sample * pixels : sample) * bytes_each;
    const size_t stride = format.is_planar ? bytes_each : segments;
    for (uint32_t y = 0; y < format.rows; ++y) {
      for (std::byte& value : row) {
        value = *from;
        from += stride;
      }
      pack_row(row, encoded);
    }
    if (encoded.size() % 2 != 0) encoded.push_back(std::byte{0});
  }
  return encoded;
}

}  // namespace pacs::pixel
