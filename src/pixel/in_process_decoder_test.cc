#include "pixel/in_process_decoder.h"

#include <gtest/gtest.h>

#include "pixel/frame_encoder.h"
#include "pixel/samples.h"

namespace pacs::pixel {
namespace {

PixelFormat small_format() {
  PixelFormat format;
  format.rows = 2;
  format.columns = 2;
  format.photometric_interpretation = "MONOCHROME2";
  return format;
}

PixelFormat deep_format() {
  PixelFormat format = small_format();
  format.bits_allocated = format.bits_stored = 16;
  format.high_bit = 15;
  return format;
}

ByteVector bytes_of(std::string_view hex) { return from_hex(hex).value_or(ByteVector()); }

std::string decoded(std::string_view syntax, const PixelFormat& format, std::string_view hex) {
  const auto frame = InProcessDecoder().decode(syntax, format, bytes_of(hex));
  return frame ? to_hex(frame->bytes) : frame.error().reason;
}

TEST(InProcessDecoderTest, TurnsBigEndianCells) {
  constexpr std::string_view kBig = "1.2.840.10008.1.2.2";
  EXPECT_EQ(decoded(kBig, deep_format(), "0001020304050607"), "0100030205040706");
  EXPECT_EQ(decoded(kBig, small_format(), "00010203"), "00010203");
  PixelFormat words = small_format();
  words.is_in_words = true;
  EXPECT_EQ(decoded(kBig, words, "00010203"), "01000302");
  PixelFormat odd = words;
  odd.rows = 1;
  odd.columns = 3;
  EXPECT_EQ(decoded(kBig, odd, "00010203"), "010003");
  PixelFormat floats = small_format();
  floats.rows = 1;
  floats.columns = 1;
  floats.bits_allocated = floats.bits_stored = 32;
  floats.is_floating = true;
  EXPECT_EQ(decoded(kBig, floats, "3f800000"), "0000803f");
}

TEST(InProcessDecoderTest, TakesNativeFramesWithPaddingAndRefusesShortOnes) {
  EXPECT_EQ(decoded("1.2.840.10008.1.2.1", small_format(), "0001020304"), "00010203");
  EXPECT_EQ(decoded("1.2.840.10008.1.2.1", small_format(), "000102"), "pixel_data");
}

// PS3.5 G.3.1, with a literal run, a repeat and the byte that says nothing.
TEST(InProcessDecoderTest, UnpacksRunLengths) {
  const std::string header =
      "01000000"
      "40000000" +
      std::string(112, '0');
  EXPECT_EQ(decoded("1.2.840.10008.1.2.5", small_format(), header + "010a0b80ff0c"), "0a0b0c0c");
  EXPECT_EQ(decoded("1.2.840.10008.1.2.5", small_format(), header + "010a0b"), "pixel_data");
  EXPECT_EQ(decoded("1.2.840.10008.1.2.5", deep_format(), header + "010a0b80ff0c"), "pixel_data");
}

TEST(InProcessDecoderTest, ChecksTheSizeBeforeItDecodes) {
  Frame frame{deep_format(), ByteVector(8)};
  for (const char* syntax : {"1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
                             "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"}) {
    const auto encoded = encode_frame(syntax, frame);
    ASSERT_TRUE(encoded) << syntax;
    PixelFormat larger = encoded->format;
    larger.rows = 3;
    const auto back = InProcessDecoder().decode(syntax, larger, encoded->bytes);
    ASSERT_FALSE(back) << syntax;
    EXPECT_EQ(back.error().reason, "pixel_data") << syntax;
  }
}

TEST(InProcessDecoderTest, EachCutIsAnErrorOrAFrameAndNothingElse) {
  Frame frame{deep_format(), bytes_of("0102030405060708")};
  for (const char* syntax :
       {"1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
        "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201"}) {
    const auto encoded = encode_frame(syntax, frame);
    ASSERT_TRUE(encoded) << syntax;
    for (size_t size = 0; size < encoded->bytes.size(); ++size) {
      const auto back =
          InProcessDecoder().decode(syntax, encoded->format, Bytes(encoded->bytes).first(size));
      if (back) {
        EXPECT_EQ(back->bytes.size(), 8U) << syntax << " " << size;
      }
    }
  }
}

TEST(InProcessDecoderTest, TellsWhatItDoesNotDecode) {
  EXPECT_EQ(decoded("1.2.840.10008.1.2.4.102", small_format(), "00"), "transfer_syntax");
  EXPECT_EQ(decoded("1.2.3.4", small_format(), "00"), "transfer_syntax");
}

// The codestream has the last word on precision: 16 bits in a data set that promises 8.
TEST(InProcessDecoderTest, WidensWhatIsDeeperThanStated) {
  Frame frame{deep_format(), bytes_of("0102030405060708")};
  const auto encoded = encode_frame("1.2.840.10008.1.2.4.90", frame);
  ASSERT_TRUE(encoded);
  const auto back =
      InProcessDecoder().decode("1.2.840.10008.1.2.4.90", small_format(), encoded->bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->format.bits_allocated, 16);
  EXPECT_EQ(back->bytes, frame.bytes);
}

// Signed pixels of a codestream that says unsigned: the sign is the highest bit of its precision.
TEST(InProcessDecoderTest, ReadsTheSignThatACodestreamForgot) {
  PixelFormat format = deep_format();
  format.bits_stored = 12;
  format.high_bit = 11;
  Frame frame{format, bytes_of("ff0f000801000007")};
  const auto encoded = encode_frame("1.2.840.10008.1.2.4.90", frame);
  ASSERT_TRUE(encoded);
  PixelFormat stated = format;
  stated.is_signed = true;
  const auto back = InProcessDecoder().decode("1.2.840.10008.1.2.4.90", stated, encoded->bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(to_hex(back->bytes), "ffff00f801000007");
}

}  // namespace
}  // namespace pacs::pixel
