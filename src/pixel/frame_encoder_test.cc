#include "pixel/frame_encoder.h"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "pixel/in_process_decoder.h"
#include "pixel/samples.h"

namespace pacs::pixel {
namespace {

struct PictureKind {
  std::string name;
  PixelFormat format;
};

PixelFormat grey(uint16_t allocated, uint16_t stored, bool is_signed) {
  PixelFormat format;
  format.rows = 37;
  format.columns = 83;
  format.bits_allocated = allocated;
  format.bits_stored = stored;
  format.high_bit = static_cast<uint16_t>(stored - 1);
  format.is_signed = is_signed;
  format.photometric_interpretation = "MONOCHROME2";
  return format;
}

PixelFormat coloured(bool is_planar, const std::string& colours) {
  PixelFormat format = grey(8, 8, false);
  format.samples_per_pixel = 3;
  format.is_planar = is_planar;
  format.photometric_interpretation = colours;
  return format;
}

// Slopes and waves over all of the range, with some noise: nothing that a codec gets for nothing.
Frame picture(const PixelFormat& format) {
  Frame frame{format, ByteVector(static_cast<size_t>(format.frame_bytes()))};
  const double range = std::pow(2.0, format.bits_stored) - 1;
  uint32_t noise = 12345;
  const uint64_t samples = uint64_t{format.rows} * format.columns * format.samples_per_pixel;
  for (uint64_t i = 0; i < samples; ++i) {
    noise = noise * 1664525 + 1013904223;
    const double wave = std::sin(static_cast<double>(i) / 97) * 0.5 + 0.5;
    auto value = static_cast<int64_t>(wave * range * 0.97) + (noise >> 30);
    if (format.is_signed) value -= int64_t{1} << (format.bits_stored - 1);
    std::memcpy(frame.bytes.data() + i * (format.bits_allocated / 8), &value,
                format.bits_allocated / 8);
  }
  return frame;
}

std::vector<PictureKind> lossless_kinds() {
  std::vector<PictureKind> kinds = {{"8 bits", grey(8, 8, false)},
                                    {"16 bits", grey(16, 16, false)},
                                    {"12 bits", grey(16, 12, false)},
                                    {"10 bits", grey(16, 10, false)},
                                    {"12 bits signed", grey(16, 12, true)},
                                    {"16 bits signed", grey(16, 16, true)},
                                    {"8 bits signed", grey(8, 8, true)},
                                    {"RGB", coloured(false, "RGB")},
                                    {"RGB in planes", coloured(true, "RGB")},
                                    {"YBR_FULL", coloured(false, "YBR_FULL")}};
  PixelFormat one_pixel = grey(16, 12, false);
  one_pixel.rows = one_pixel.columns = 1;
  kinds.push_back({"one pixel", one_pixel});
  return kinds;
}

Result<Frame> there_and_back(std::string_view syntax, const Frame& frame) {
  const EncodedFrame encoded = PACS_TRY(encode_frame(syntax, frame));
  return InProcessDecoder().decode(syntax, encoded.format, encoded.bytes);
}

int64_t largest_difference(const Frame& left, const Frame& right) {
  int64_t largest = 0;
  const uint64_t pixels = uint64_t{left.format.rows} * left.format.columns;
  for (uint64_t pixel = 0; pixel < pixels; ++pixel) {
    for (unsigned sample = 0; sample < left.format.samples_per_pixel; ++sample) {
      largest = std::max<int64_t>(largest, std::abs(int64_t{sample_at(left, pixel, sample)} -
                                                    sample_at(right, pixel, sample)));
    }
  }
  return largest;
}

TEST(FrameEncoderTest, LosslessSyntaxesGiveBackEachBit) {
  for (const PictureKind& kind : lossless_kinds()) {
    const Frame frame = picture(kind.format);
    const auto whole = with_whole_pixels(frame);
    ASSERT_TRUE(whole);
    for (const char* syntax :
         {"1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80",
          "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202"}) {
      const auto back = there_and_back(syntax, frame);
      ASSERT_TRUE(back) << kind.name << " " << syntax << " " << to_string(back.error());
      EXPECT_TRUE(back->bytes == whole->bytes) << kind.name << " " << syntax;
      EXPECT_EQ(back->format.photometric_interpretation, kind.format.photometric_interpretation)
          << kind.name << " " << syntax;
      EXPECT_EQ(back->format.bits_stored, kind.format.bits_stored) << kind.name << " " << syntax;
      EXPECT_FALSE(back->format.is_planar);
    }
  }
}

TEST(FrameEncoderTest, LossySyntaxesStayNear) {
  struct Loss {
    const char* syntax;
    PixelFormat format;
    int64_t difference_max;
  };
  for (const Loss& loss : {Loss{"1.2.840.10008.1.2.4.50", grey(8, 8, false), 12},
                           Loss{"1.2.840.10008.1.2.4.81", grey(8, 8, false), 2},
                           Loss{"1.2.840.10008.1.2.4.81", grey(16, 12, false), 2},
                           Loss{"1.2.840.10008.1.2.4.91", grey(16, 12, true), 200},
                           Loss{"1.2.840.10008.1.2.4.203", grey(16, 12, true), 8},
                           Loss{"1.2.840.10008.1.2.4.203", coloured(false, "RGB"), 6}}) {
    const Frame frame = picture(loss.format);
    const auto back = there_and_back(loss.syntax, frame);
    ASSERT_TRUE(back) << loss.syntax << " " << to_string(back.error());
    const int64_t difference = largest_difference(frame, *back);
    EXPECT_LE(difference, loss.difference_max) << loss.syntax;
    EXPECT_GT(difference, 0) << loss.syntax;
  }
}

TEST(FrameEncoderTest, TellsTheColoursThatADataSetMustState) {
  const Frame frame = picture(coloured(false, "RGB"));
  const auto colours = [&](std::string_view syntax) {
    const auto encoded = encode_frame(syntax, frame);
    return encoded ? encoded->format.photometric_interpretation : to_string(encoded.error());
  };
  EXPECT_EQ(colours("1.2.840.10008.1.2.4.50"), "YBR_FULL_422");
  EXPECT_EQ(colours("1.2.840.10008.1.2.4.90"), "YBR_RCT");
  EXPECT_EQ(colours("1.2.840.10008.1.2.4.91"), "YBR_ICT");
  EXPECT_EQ(colours("1.2.840.10008.1.2.4.80"), "RGB");
  EXPECT_EQ(colours("1.2.840.10008.1.2.5"), "RGB");
}

TEST(FrameEncoderTest, SaysWhatASyntaxCannotHold) {
  PixelFormat floats = grey(32, 32, false);
  floats.is_floating = true;
  PixelFormat palette = grey(8, 8, false);
  palette.photometric_interpretation = "PALETTE COLOR";
  struct Refusal {
    const char* syntax;
    PixelFormat format;
  };
  for (const Refusal& refusal :
       {Refusal{"1.2.840.10008.1.2.4.50", grey(16, 12, false)},
        Refusal{"1.2.840.10008.1.2.4.50", palette}, Refusal{"1.2.840.10008.1.2.4.91", palette},
        Refusal{"1.2.840.10008.1.2.4.81", grey(16, 12, true)},
        Refusal{"1.2.840.10008.1.2.4.90", floats}, Refusal{"1.2.840.10008.1.2.5", floats},
        Refusal{"1.2.840.10008.1.2.4.70", grey(32, 32, false)},
        Refusal{"1.2.840.10008.1.2.4.102", grey(8, 8, false)}}) {
    const auto encoded = encode_frame(refusal.syntax, picture(refusal.format));
    ASSERT_FALSE(encoded) << refusal.syntax;
    EXPECT_EQ(encoded.error().code, ErrorCode::unsupported) << refusal.syntax;
    EXPECT_EQ(encoded.error().reason, "encoding") << refusal.syntax;
  }
}

TEST(FrameEncoderTest, RepeatsHalvedChrominances) {
  PixelFormat format = coloured(false, "YBR_FULL_422");
  format.rows = 1;
  format.columns = 4;
  Frame frame{format, {}};
  for (const int byte : {1, 2, 30, 40, 5, 6, 70, 80}) frame.bytes.push_back(std::byte(byte));
  const auto whole = with_whole_pixels(frame);
  ASSERT_TRUE(whole);
  EXPECT_EQ(to_hex(whole->bytes),
            "011e28021e2805465006"
            "4650");
  EXPECT_EQ(whole->format.photometric_interpretation, "YBR_FULL");
}

// PS3.5 8.2.14: RPCL comes with tile part lengths.
TEST(FrameEncoderTest, HighThroughputInOrderOfResolutionHasTileLengths) {
  const auto encoded = encode_frame("1.2.840.10008.1.2.4.202", picture(grey(16, 12, false)));
  ASSERT_TRUE(encoded);
  const std::string hex = to_hex(encoded->bytes);
  const size_t lengths = hex.find("ff5500080040");
  ASSERT_NE(lengths, std::string::npos);
  EXPECT_EQ(hex.substr(lengths + 20, 4), "ff90");
  // All but the main header and the two bytes of the end.
  const size_t tile_bytes = encoded->bytes.size() - (lengths + 20) / 2 - 2;
  EXPECT_EQ(std::stoul(hex.substr(lengths + 12, 8), nullptr, 16), tile_bytes);
}

}  // namespace
}  // namespace pacs::pixel
