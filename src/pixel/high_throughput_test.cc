#include "pixel/high_throughput.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <openjph/ojph_arch.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_params.h>

namespace pacs::pixel {
namespace {

constexpr uint32_t kSliceSide = 256;
constexpr uint32_t kQuarterSide = kSliceSide / 4;

// Something like a slice: a body with soft structures, and noise over all of it.
int32_t slice_value(uint32_t x, uint32_t y) {
  const double dx = (x - 127.5) / 100;
  const double dy = (y - 127.5) / 80;
  const double body = dx * dx + dy * dy < 1 ? 1200 : 40;
  const double soft = 300 * std::sin(x / 17.0) * std::cos(y / 23.0);
  const uint32_t noise = (x * 2654435761U ^ y * 2246822519U) >> 16;
  return static_cast<int32_t>(std::max(0.0, body + (body > 100 ? soft : 0)) + noise % 32);
}

Frame slice_frame() {
  Frame frame;
  frame.format.rows = frame.format.columns = kSliceSide;
  frame.format.bits_allocated = 16;
  frame.format.bits_stored = 12;
  frame.format.high_bit = 11;
  frame.format.photometric_interpretation = "MONOCHROME2";
  for (uint32_t i = 0; i < kSliceSide * kSliceSide; ++i) {
    const int32_t value = slice_value(i % kSliceSide, i / kSliceSide);
    frame.bytes.push_back(static_cast<std::byte>(value & 0xFF));
    frame.bytes.push_back(static_cast<std::byte>(value >> 8));
  }
  return frame;
}

// Of a quarter of the width and height, as a client that has the beginning of the stream alone
// would.
std::vector<int32_t> decode_quarter(Bytes beginning) {
  ojph::mem_infile file;
  file.open(reinterpret_cast<const ojph::ui8*>(beginning.data()), beginning.size());
  ojph::codestream codestream;
  codestream.enable_resilience();
  codestream.read_headers(&file);
  codestream.restrict_input_resolution(2, 2);
  codestream.create();
  std::vector<int32_t> values;
  for (uint32_t y = 0; y < kQuarterSide; ++y) {
    ojph::ui32 component = 0;
    const ojph::line_buf* const line = codestream.pull(component);
    values.insert(values.end(), line->i32, line->i32 + kQuarterSide);
  }
  codestream.close();
  return values;
}

// F4: what stands first in a stream of the RPCL order is a small picture of all of it.
TEST(HighThroughput, TheFirstThirdIsASmallPicture) {
  const auto stream = encode_high_throughput(slice_frame(), HighThroughput::lossless_rpcl);
  ASSERT_TRUE(stream);
  const std::vector<int32_t> small = decode_quarter(Bytes(*stream).first(stream->size() / 3));
  double difference = 0;
  for (uint32_t y = 0; y < kQuarterSide; ++y) {
    for (uint32_t x = 0; x < kQuarterSide; ++x) {
      double mean = 0;
      for (uint32_t i = 0; i < 16; ++i) mean += slice_value(x * 4 + i % 4, y * 4 + i / 4) / 16.0;
      difference += std::abs(mean - small[y * kQuarterSide + x]);
    }
  }
  EXPECT_LT(difference / (kQuarterSide * kQuarterSide), 38) << "of values up to 1,530";
  EXPECT_EQ(small, decode_quarter(*stream)) << "the rest of the bytes adds nothing to it";
}

}  // namespace
}  // namespace pacs::pixel
