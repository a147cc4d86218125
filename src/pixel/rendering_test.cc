// Pictures of frames against numbers worked by hand from the formulas of PS3.3 C.7.6.3, C.7.9, C.9
// and C.11. (N9, N10)
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pixel/colour.h"
#include "pixel/palette.h"
#include "pixel/presentation.h"
#include "pixel/render.h"
#include "tests/support/dicom_builder.h"

namespace pacs::pixel {
namespace {

using dicom::Tag;
using dicom::Vr;
using testing::DicomBuilder;
using Samples = std::vector<uint8_t>;

constexpr Tag kCenter{0x0028, 0x1050};
constexpr Tag kWidth{0x0028, 0x1051};
constexpr Tag kFunction{0x0028, 0x1056};
constexpr Tag kIntercept{0x0028, 0x1052};
constexpr Tag kSlope{0x0028, 0x1053};
constexpr Tag kTableDescriptor{0x0028, 0x3002};
constexpr Tag kTableData{0x0028, 0x3006};

DicomBuilder monochrome(uint32_t rows, uint32_t columns) {
  return DicomBuilder::ct_slice("1.2", "1.2.3", "1.2.3.4")
      .number(dicom::tags::kRows, Vr::US, rows)
      .number(dicom::tags::kColumns, Vr::US, columns);
}

Presentation presentation_of(const DicomBuilder& builder, size_t frame = 0) {
  const std::string file = builder.build();
  const auto header = dicom::read_header(dicom::MemoryAccess(as_bytes(file)));
  EXPECT_TRUE(header);
  auto presentation = Presentation::of(*header, frame);
  EXPECT_TRUE(presentation);
  return std::move(*presentation);
}

template <typename Number>
Frame frame_of(const std::vector<Number>& values, uint32_t columns) {
  Frame frame;
  frame.format.columns = columns;
  frame.format.rows = static_cast<uint32_t>(values.size()) / columns;
  frame.format.bits_allocated = sizeof(Number) * 8;
  frame.format.bits_stored = frame.format.bits_allocated;
  frame.format.high_bit = static_cast<uint16_t>(frame.format.bits_stored - 1);
  frame.format.is_signed = std::is_signed_v<Number> && !std::is_floating_point_v<Number>;
  frame.format.is_floating = std::is_floating_point_v<Number>;
  frame.format.photometric_interpretation = "MONOCHROME2";
  frame.bytes.resize(values.size() * sizeof(Number));
  std::memcpy(frame.bytes.data(), values.data(), frame.bytes.size());
  return frame;
}

Samples samples_of(const Frame& frame, const Presentation& presentation,
                   const std::optional<Window>& window = std::nullopt) {
  const auto picture = render(frame, presentation, window);
  EXPECT_TRUE(picture);
  return picture ? picture->samples : Samples();
}

template <typename Number>
void expect_grey_of_every_value(const Window& window, double slope, bool is_inverted) {
  std::vector<Number> values(65'536);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<Number>(i);
  Presentation presentation;
  presentation.slope = slope;
  presentation.intercept = 100;
  presentation.window = window;
  presentation.is_inverted = is_inverted;
  const Samples greys = samples_of(frame_of(values, 256), presentation);
  ASSERT_EQ(greys.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    double grey = window.apply(values[i] * slope + 100);
    if (is_inverted) grey = 1 - grey;
    ASSERT_EQ(greys[i], static_cast<uint8_t>(grey * 255 + 0.5)) << values[i] << " " << slope;
  }
}

TEST(Render, GivesEveryValueItsOwnGrey) {
  for (const Window& window :
       {Window{40, 400, Window::Shape::linear}, Window{-3000, 1, Window::Shape::linear},
        Window{30'000, 70'000, Window::Shape::linear_exact},
        Window{500, 2'000, Window::Shape::sigmoid}}) {
    for (const double slope : {1.0, -0.37, 2.5}) {
      expect_grey_of_every_value<uint16_t>(window, slope, false);
      expect_grey_of_every_value<int16_t>(window, slope, true);
    }
  }
}

TEST(Window, HasTheThreeFunctionsOfTheStandard) {
  const Window linear{2048, 4096, Window::Shape::linear};  // the example of C.11.2.1.2.1
  EXPECT_EQ(linear.apply(0), 0);
  EXPECT_EQ(linear.apply(4095), 1);
  EXPECT_DOUBLE_EQ(linear.apply(2048), 0.5 / 4095 + 0.5);
  const Window step{2048, 1, Window::Shape::linear};
  EXPECT_EQ(step.apply(2047.5), 0);
  EXPECT_EQ(step.apply(2048), 1);
  const Window exact{2048, 4096, Window::Shape::linear_exact};
  EXPECT_EQ(exact.apply(0), 0);
  EXPECT_EQ(exact.apply(1024), 0.25);
  EXPECT_EQ(exact.apply(4096), 1);
  const Window sigmoid{50, 100, Window::Shape::sigmoid};
  EXPECT_EQ(sigmoid.apply(50), 0.5);
  EXPECT_NEAR(sigmoid.apply(100), 0.880797, 1e-6);  // 1 / (1 + exp(-2))
  EXPECT_EQ(sigmoid.apply(std::numeric_limits<double>::quiet_NaN()), 0);
}

TEST(Render, AppliesSlopeInterceptAndTheFirstWindow) {
  const Presentation presentation = presentation_of(monochrome(1, 4)
                                                        .text(kSlope, Vr::DS, "2")
                                                        .text(kIntercept, Vr::DS, "-1000")
                                                        .text(kCenter, Vr::DS, "50\\400")
                                                        .text(kWidth, Vr::DS, "101\\2000"));
  // The window goes from -0.5 to 99.5: 0 is 0.5 % of it, 524 * 2 - 1000 = 48 is 48.5 %.
  EXPECT_EQ(samples_of(frame_of<uint16_t>({0, 500, 524, 550}, 4), presentation),
            (Samples{0, 1, 124, 255}));
}

TEST(Render, StretchesFromTheLeastToTheLargestWithoutAWindow) {
  const DicomBuilder builder = monochrome(1, 4)
                                   .number(dicom::tags::kPixelRepresentation, Vr::US, 1)
                                   .number({0x0028, 0x0120}, Vr::SS, -2000);
  // The padding of -2000 counts for nothing and is black.
  EXPECT_EQ(samples_of(frame_of<int16_t>({-2000, -100, 0, 100}, 4), presentation_of(builder)),
            (Samples{0, 0, 128, 255}));
  EXPECT_EQ(samples_of(frame_of<uint32_t>({0, 1, 3'000'000'000, 4'000'000'000}, 4),
                       presentation_of(monochrome(1, 4))),
            (Samples{0, 0, 191, 255}));
}

TEST(Render, ReadsSignedBitsBelowTheHighestAndInvertsMonochrome1) {
  const Presentation presentation = presentation_of(
      monochrome(1, 3).text(dicom::tags::kPhotometricInterpretation, Vr::CS, "MONOCHROME1"));
  Frame frame = frame_of<int16_t>({0x7FF0, -0x8000, 0x000F}, 3);  // 12 bits above 4 unused ones
  frame.format.bits_stored = 12;
  const Window window{0, 4096, Window::Shape::linear_exact};
  // 2047, -2048 and 0: (2047 / 4096 + 0.5) * 255 = 254.94, turned round.
  EXPECT_EQ(samples_of(frame, presentation, window), (Samples{0, 255, 128}));
}

TEST(Render, ShowsFloatsAndOneBit) {
  const Presentation presentation = presentation_of(monochrome(1, 4));
  EXPECT_EQ(samples_of(frame_of<float>({-0.5F, 0, std::nanf(""), 0.5F}, 4), presentation),
            (Samples{0, 128, 0, 255}));
  EXPECT_EQ(samples_of(frame_of<double>({1e300, -1e300, 0, 1e300}, 4), presentation),
            (Samples{255, 0, 128, 255}));
  Frame bits = frame_of<uint8_t>({0b0000'0110, 0b1}, 1);
  bits.format.rows = 3;
  bits.format.columns = 3;
  bits.format.bits_allocated = 1;
  bits.format.bits_stored = 1;
  bits.format.high_bit = 0;
  EXPECT_EQ(samples_of(bits, presentation), (Samples{0, 255, 255, 0, 0, 0, 0, 0, 255}));
}

TEST(Render, ReadsModalityAndVoiTables) {
  const DicomBuilder modality =
      DicomBuilder()
          .numbers(kTableDescriptor, Vr::SS, {3, -1, 16})
          .bytes(kTableData, Vr::OW, std::string("\x00\x01\x00\x02\x00\x03", 6));  // 256, 512, 768
  const DicomBuilder voi = DicomBuilder()
                               .numbers(kTableDescriptor, Vr::US, {2, 300, 12})
                               .numbers(kTableData, Vr::US, {819, 4095});
  const Presentation presentation =
      presentation_of(monochrome(1, 4)
                          .number(dicom::tags::kPixelRepresentation, Vr::US, 1)
                          .sequence({0x0028, 0x3000}, {modality})
                          .sequence({0x0028, 0x3010}, {voi}));
  ASSERT_TRUE(presentation.modality_table);
  EXPECT_EQ(presentation.modality_value(-9), 256);
  EXPECT_EQ(presentation.modality_value(0), 512);
  EXPECT_EQ(presentation.modality_value(9), 768);
  // 256 is below 300, where the first entry stands: 819 / 4095 is a fifth.
  EXPECT_EQ(samples_of(frame_of<int16_t>({-1, 0, 1, 7}, 4), presentation),
            (Samples{51, 255, 255, 255}));
}

TEST(Presentation, ReadsTablesOfBigEndianFiles) {
  const DicomBuilder table = DicomBuilder()
                                 .numbers(kTableDescriptor, Vr::US, {2, 300, 12})
                                 .numbers(kTableData, Vr::US, {819, 4095});
  const Presentation presentation =
      presentation_of(monochrome(1, 1)
                          .transfer_syntax(dicom::kExplicitVrBigEndian)
                          .sequence({0x0028, 0x3010}, {table}));
  ASSERT_TRUE(presentation.voi_table);
  EXPECT_EQ(presentation.voi_table->first_mapped, 300);
  EXPECT_EQ(presentation.voi_table->entries, (std::vector<uint16_t>{819, 4095}));
}

TEST(Presentation, TakesEachFrameFromItsFunctionalGroups) {
  const auto window_group = [](const char* center) {
    return DicomBuilder().sequence({0x0028, 0x9132}, {DicomBuilder()
                                                          .text(kCenter, Vr::DS, center)
                                                          .text(kWidth, Vr::DS, "10")
                                                          .text(kFunction, Vr::CS, "SIGMOID")});
  };
  const DicomBuilder shared = DicomBuilder().sequence(
      {0x0028, 0x9145}, {DicomBuilder().text(kSlope, Vr::DS, "3").text(kIntercept, Vr::DS, "7")});
  const DicomBuilder builder =
      monochrome(1, 1)
          .text(kSlope, Vr::DS, "100")
          .sequence({0x5200, 0x9229}, {shared})
          .sequence({0x5200, 0x9230}, {window_group("40"), window_group("80")});
  EXPECT_EQ(presentation_of(builder, 0).window->center, 40);
  const Presentation second = presentation_of(builder, 1);
  EXPECT_EQ(second.window->center, 80);
  EXPECT_EQ(second.window->shape, Window::Shape::sigmoid);
  EXPECT_EQ(second.modality_value(2), 13);
  EXPECT_FALSE(presentation_of(builder, 2).window);
}

TEST(Presentation, LeavesOutWhatCannotBe) {
  const Presentation presentation = presentation_of(
      monochrome(1, 1)
          .text(kSlope, Vr::DS, "0")
          .text(kIntercept, Vr::DS, "nan")
          .text(kCenter, Vr::DS, "inf")
          .text(kWidth, Vr::DS, "-4")
          .sequence({0x0028, 0x3000}, {DicomBuilder()
                                           .numbers(kTableDescriptor, Vr::US, {0, 0, 16})
                                           .numbers(kTableData, Vr::US, {1, 2, 3})})
          .sequence({0x0028, 0x3010}, {DicomBuilder()
                                           .numbers(kTableDescriptor, Vr::US, {3, 0, 99})
                                           .numbers(kTableData, Vr::US, {1, 2, 3})}));
  EXPECT_FALSE(presentation.modality_table);
  EXPECT_FALSE(presentation.voi_table);
  EXPECT_FALSE(presentation.window);
  EXPECT_EQ(presentation.modality_value(5), 5);
}

TEST(Render, RefusesAFrameThatIsTooShort) {
  Frame frame = frame_of<uint16_t>({1, 2, 3, 4}, 2);
  frame.bytes.pop_back();
  const auto picture = render(frame, {});
  ASSERT_FALSE(picture);
  EXPECT_EQ(picture.error().reason, "pixel_data");
}

TEST(Palette, ExpandsSegments) {
  // Three entries, then four on a line to 50, then the first segment once more (C.7.9.2).
  const ByteVector segments = *from_hex(
      "00030a141e"
      "010432"
      "020100000000");
  EXPECT_EQ(*expand_segments(segments, 8, 10),
            (std::vector<uint16_t>{10, 20, 30, 35, 40, 45, 50, 10, 20, 30}));
  const ByteVector wide = *from_hex(
      "00000100ff00"
      "01000200ffff");
  EXPECT_EQ(*expand_segments(wide, 16, 3), (std::vector<uint16_t>{255, 32895, 65535}));
  for (const char* damaged :
       {"", "00", "0003aabb", "010432", "020100000000", "0901ff", "0001aa0201ffffff7f",
        "000100"
        "020105000000"}) {
    EXPECT_FALSE(expand_segments(*from_hex(damaged), 8, 10)) << damaged;
  }
}

TEST(Render, ColoursPalettePixels) {
  DicomBuilder builder =
      monochrome(1, 3).text(dicom::tags::kPhotometricInterpretation, Vr::CS, "PALETTE COLOR");
  for (uint16_t colour = 0; colour < 3; ++colour) {
    builder.numbers({0x0028, static_cast<uint16_t>(0x1101 + colour)}, Vr::US, {2, 10, 16});
    builder.numbers({0x0028, static_cast<uint16_t>(0x1201 + colour)}, Vr::OW, {});
  }
  builder.bytes({0x0028, 0x1201}, Vr::OW, std::string("\x00\x10\x00\xFF", 4));
  builder.bytes({0x0028, 0x1202}, Vr::OW, std::string("\x00\x20\x00\x00", 4));
  builder.bytes({0x0028, 0x1203}, Vr::OW, std::string("\x00\x30\x00\x80", 4));
  Frame frame = frame_of<uint8_t>({0, 11, 200}, 3);
  frame.format.photometric_interpretation = "PALETTE COLOR";
  EXPECT_EQ(samples_of(frame, presentation_of(builder)),
            (Samples{0x10, 0x20, 0x30, 0xFF, 0, 0x80, 0xFF, 0, 0x80}));
}

TEST(Render, TurnsColourSpacesIntoRgb) {
  // Red has Y 76, Cb 85 and Cr 255 (C.7.6.3.1.2), rounded; the way back therefore gives 254.
  EXPECT_EQ(rgb_of_ybr_full({76, 85, 255}), (std::array<uint8_t, 3>{254, 0, 0}));
  EXPECT_EQ(rgb_of_ybr_partial({235, 128, 128}), (std::array<uint8_t, 3>{255, 255, 255}));
  EXPECT_EQ(rgb_of_ybr_partial({16, 128, 128}), (std::array<uint8_t, 3>{0, 0, 0}));
  Frame planar = frame_of<uint8_t>({1, 2, 3, 4, 5, 6}, 2);
  planar.format.rows = 1;
  planar.format.samples_per_pixel = 3;
  planar.format.is_planar = true;
  planar.format.photometric_interpretation = "RGB";
  EXPECT_EQ(samples_of(planar, {}), (Samples{1, 3, 5, 2, 4, 6}));
  Frame pairs = frame_of<uint8_t>({10, 20, 128, 128, 30, 0, 128, 128}, 4);  // 3 pixels, 2 pairs
  pairs.format.rows = 1;
  pairs.format.columns = 3;
  pairs.format.samples_per_pixel = 3;
  pairs.format.photometric_interpretation = "YBR_FULL_422";
  EXPECT_EQ(samples_of(pairs, {}), (Samples{10, 10, 10, 20, 20, 20, 30, 30, 30}));
  Frame wide = frame_of<uint16_t>({0x0FFF, 0x0800, 0}, 3);
  wide.format.columns = 1;
  wide.format.bits_stored = 12;
  wide.format.high_bit = 11;
  wide.format.samples_per_pixel = 3;
  wide.format.photometric_interpretation = "RGB";
  EXPECT_EQ(samples_of(wide, {}), (Samples{0xFF, 0x80, 0}));
  wide.format.photometric_interpretation = "HSV";
  EXPECT_EQ(render(wide, {}).error().reason, "photometric");
}

TEST(Render, DrawsOverlaysAsFarAsTheyLieInTheImage) {
  const DicomBuilder builder = monochrome(2, 2)
                                   .number({0x6000, 0x0010}, Vr::US, 3)
                                   .number({0x6000, 0x0011}, Vr::US, 2)
                                   .numbers({0x6000, 0x0050}, Vr::SS, {2, 2})
                                   .bytes({0x6000, 0x3000}, Vr::OW, std::string("\x3F\0", 2));
  EXPECT_EQ(samples_of(frame_of<uint8_t>({0, 0, 0, 0}, 2), presentation_of(builder),
                       Window{128, 256, Window::Shape::linear}),
            (Samples{0, 0, 0, 255}));

  const DicomBuilder embedded = monochrome(1, 2)
                                    .number({0x6002, 0x0010}, Vr::US, 1)
                                    .number({0x6002, 0x0011}, Vr::US, 2)
                                    .number({0x6002, 0x0102}, Vr::US, 15);
  Frame frame = frame_of<uint16_t>({0x8000, 0}, 2);
  frame.format.bits_stored = 12;
  frame.format.high_bit = 11;
  EXPECT_EQ(samples_of(frame, presentation_of(embedded), Window{100, 10, Window::Shape::linear}),
            (Samples{255, 0}));

  const DicomBuilder beyond = monochrome(1, 2)
                                  .number({0x6000, 0x0010}, Vr::US, 60'000)
                                  .number({0x6000, 0x0011}, Vr::US, 60'000)
                                  .bytes({0x6000, 0x3000}, Vr::OW, std::string("\xFF\xFF", 2));
  EXPECT_TRUE(presentation_of(beyond).overlays.empty());
}

}  // namespace
}  // namespace pacs::pixel
