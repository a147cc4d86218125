// Stored frames through every decoder: a first line of "SYNTAX ROWS COLUMNS SAMPLES ALLOCATED
// STORED SIGNED COLOURS", with the transfer syntax behind 1.2.840.10008.1.2, then the bytes. What
// comes back is the picture that was stated, and goes through RLE and back.
#include <charconv>

#include "core/text.h"
#include "pixel/frame_encoder.h"
#include "pixel/in_process_decoder.h"
#include "pixel/jpeg_2000_header.h"
#include "tests/fuzz/fuzz_input.h"

using namespace pacs::pixel;

namespace {

// Larger pictures cost time and show nothing more.
constexpr uint64_t kPixelsMax = uint64_t{1} << 14;

uint32_t number_in(std::string_view text) {
  uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool is_possible(const PixelFormat& format) {
  const uint16_t bits = format.bits_allocated;
  return format.rows > 0 && format.columns > 0 &&
         uint64_t{format.rows} * format.columns <= kPixelsMax && format.samples_per_pixel > 0 &&
         format.samples_per_pixel <= 4 && format.bits_stored > 0 && format.bits_stored <= bits &&
         (bits == 8 || bits == 16 || bits == 32 || (bits == 1 && format.samples_per_pixel == 1));
}

void check_round_trip(const Frame& frame) {
  const auto whole = with_whole_pixels(frame);
  if (!whole || frame.format.bits_allocated < 8) return;
  const auto encoded = encode_frame("1.2.840.10008.1.2.5", *whole);
  if (!encoded) return;
  const auto back =
      InProcessDecoder().decode("1.2.840.10008.1.2.5", encoded->format, encoded->bytes);
  FUZZ_CHECK(back && back->bytes == whole->bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pacs::fuzz::Input input(data, size);
  const auto words = pacs::split(input.take_line(), ' ');
  if (words.size() != 8) return 0;
  const std::string syntax = "1.2.840.10008.1.2" + std::string(words[0]);
  PixelFormat stated;
  stated.rows = number_in(words[1]);
  stated.columns = number_in(words[2]);
  stated.samples_per_pixel = static_cast<uint16_t>(number_in(words[3]));
  stated.bits_allocated = static_cast<uint16_t>(number_in(words[4]));
  stated.bits_stored = static_cast<uint16_t>(number_in(words[5]));
  stated.is_signed = words[6] == "1";
  stated.photometric_interpretation = words[7];
  if (!is_possible(stated)) return 0;
  stated.high_bit = static_cast<uint16_t>(stated.bits_stored - 1);

  // OpenJPH 0.9 has been seen not to end over a damaged tile header. In the server a deadline ends
  // its process; a search would stop at each of them, so of HTJ2K only our own reader is looked at.
  const pacs::Bytes stored = pacs::as_bytes(input.rest());
  const auto jpeg_2000 = read_jpeg_2000_header(stored);
  if (jpeg_2000 && jpeg_2000->is_high_throughput) return 0;
  const auto frame = InProcessDecoder().decode(syntax, stated, stored);
  if (!frame) {
    FUZZ_CHECK(frame.error().code == pacs::ErrorCode::invalid_argument ||
               frame.error().code == pacs::ErrorCode::unsupported ||
               frame.error().code == pacs::ErrorCode::resource_exhausted);
    return 0;
  }
  FUZZ_CHECK(frame->format.rows == stated.rows && frame->format.columns == stated.columns);
  FUZZ_CHECK(frame->format.samples_per_pixel == stated.samples_per_pixel);
  FUZZ_CHECK(frame->format.bits_stored <= frame->format.bits_allocated);
  FUZZ_CHECK(frame->bytes.size() == frame->format.frame_bytes());
  check_round_trip(*frame);
  return 0;
}
